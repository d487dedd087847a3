"""EZKL (Halo2 with KZG over BN254) on an ONNX model; `nonet bench zk` runs it.

    python3 -m venv build/ezkl && build/ezkl/bin/pip install -r bench/peers/requirements-ezkl.txt
    build/ezkl/bin/python bench/peers/ezkl.py setup FOLDER
    build/ezkl/bin/python bench/peers/ezkl.py prove FOLDER RUNS

FOLDER has `network.onnx`, `calibration.json` (rows, one after the other) and `input.json` (one row,
with the float model's answer). Input and output are public, the weights are fixed, which binds the
verification key to them: the statement that Nonet proves. EZKL chooses scales and the size of the
circuit itself, by `calibrate_settings` with the target `resources`. The reference string is made
here by `gen_srs` FOR TIMING ONLY: it knows the secret. `setup` keeps it in FOLDER's parent.

`prove` takes what its prover takes: files, read each time, the witness made from the input first.
Its last line is a JSON document; milliseconds of the clock and of all threads' processor time. What
it is doing is on standard error.
"""

import asyncio
import inspect
import json
import os
import resource
import sys
import time

# This file has the package's name, too.
sys.path.pop(0)
import ezkl

command, folder = sys.argv[1:3]


def path(name):
    return os.path.join(folder, name)


def timed(call):
    """What a call gives, some of them as a promise, and its times."""

    async def wait(result):
        return await result

    cpu, start = time.process_time(), time.perf_counter()
    result = call()
    if inspect.isawaitable(result):
        result = asyncio.run(wait(result))
    times = {"ms": 1000 * (time.perf_counter() - start), "cpu": 1000 * (time.process_time() - cpu)}
    return result, times


def note(doing):
    print(doing, file=sys.stderr, flush=True)


def memory():
    """The most bytes that this process has held."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read_settings():
    with open(path("settings.json")) as file:
        return json.load(file)


def reference_string():
    return os.path.join(folder, "..", f"dummy{read_settings()['run_args']['logrows']}.srs")


def setup():
    args = ezkl.PyRunArgs()
    args.input_visibility = args.output_visibility = "public"
    args.param_visibility = "fixed"
    network, settings, circuit = path("network.onnx"), path("settings.json"), path("circuit.ezkl")
    ezkl.gen_settings(network, settings, py_run_args=args)
    note("calibrating")
    _, calibrate = timed(
        lambda: ezkl.calibrate_settings(path("calibration.json"), network, settings, "resources")
    )
    _, compile = timed(lambda: ezkl.compile_circuit(network, circuit, settings))
    result = {}
    srs, chosen = reference_string(), read_settings()
    if not os.path.exists(srs):
        note(f"a dummy reference string of 2^{chosen['run_args']['logrows']}")
        _, result["dummySrs"] = timed(lambda: ezkl.gen_srs(f"{srs}.part", chosen["run_args"]["logrows"]))
        os.rename(f"{srs}.part", srs)
    note(f"keys of {chosen['num_rows']} rows")
    _, keys = timed(lambda: ezkl.setup(circuit, path("vk"), path("pk"), srs))
    return {
        **result,
        "calibrate": calibrate,
        "compile": compile,
        "keys": keys,
        "power": chosen["run_args"]["logrows"],
        "rows": chosen["num_rows"],
        "inputScale": chosen["run_args"]["input_scale"],
        "weightScale": chosen["run_args"]["param_scale"],
        "memory": memory(),
    }


def prove(runs):
    srs, witness, proof = reference_string(), path("witness.json"), path("proof.json")
    circuit, proving, verifying = path("circuit.ezkl"), [], []

    # The first warms up.
    for run in range(runs + 1):
        note(f"proof {run + 1} of {runs + 1}")
        _, making = timed(lambda: ezkl.gen_witness(path("input.json"), circuit, witness))
        _, times = timed(lambda: ezkl.prove(witness, circuit, path("pk"), proof, srs))
        accepted, checking = timed(lambda: ezkl.verify(proof, path("settings.json"), path("vk"), srs))
        if not accepted:
            sys.exit("the proof does not verify")
        if run > 0:
            proving.append({each: making[each] + times[each] for each in times})
            verifying.append(checking)
    with open(proof) as file:
        made = json.load(file)
    with open(path("input.json")) as file:
        expected = json.load(file)["output_data"][0]
    values = [float(each) for each in made["pretty_public_inputs"]["rescaled_outputs"][0]]
    error = max(abs(value - each) for value, each in zip(values, expected))
    if values.index(max(values)) != expected.index(max(expected)):
        sys.exit(f"the circuit gives another label: {values}, expected {expected}")
    return {
        "prove": proving,
        "verify": verifying,
        "proofBytes": len(made["proof"]) if isinstance(made["proof"], list) else len(made["proof"]) // 2 - 1,
        "keyBytes": os.path.getsize(path("pk")),
        "verificationKeyBytes": os.path.getsize(path("vk")),
        "error": error,
        "memory": memory(),
    }


print(json.dumps(setup() if command == "setup" else prove(int(sys.argv[3]))))
