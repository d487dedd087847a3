"""PyTorch and ONNX Runtime on the models of `bench/training.ts`, one thread each.

`node bench/peers/training.ts` writes parameters, data and expected losses to a folder and runs this file on it. Prints one JSON document:
the losses of three steps of each model, and samples in milliseconds of a step and of inference.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
folder = Path(sys.argv[1])
workloads = json.loads((folder / "workloads.json").read_text())


def dense(p, x, name):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def mlp(p, x):
    return dense(p, F.relu(dense(p, x, "dense0")), "dense1")


def lenet(p, x):
    x = F.max_pool2d(F.relu(F.conv2d(x, p["conv0.weight"], p["conv0.bias"], padding=2)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p["conv1.weight"], p["conv1.bias"])), 2).flatten(1)
    return dense(p, F.relu(dense(p, F.relu(dense(p, x, "dense0")), "dense1")), "dense2")


def transformer(p, tokens, heads=4, layers=5):
    norm = lambda x, name: F.layer_norm(x, x.shape[-1:], p[f"{name}.scale"], p[f"{name}.shift"], 1e-5)
    x = F.embedding(tokens, p["embedding0.weight"]) + p["positions0.weight"]
    batch, length, width = x.shape
    for layer in range(layers):
        first = 6 * layer
        normed = norm(x, f"norm{2 * layer}")
        query, key, value = (
            dense(p, normed, f"dense{first + i}").view(batch, length, heads, -1).transpose(1, 2) for i in range(3)
        )
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + dense(p, attended.transpose(1, 2).reshape(batch, length, width), f"dense{first + 3}")
        hidden = F.gelu(dense(p, norm(x, f"norm{2 * layer + 1}"), f"dense{first + 4}"))
        x = x + dense(p, hidden, f"dense{first + 5}")
    return dense(p, norm(x, f"norm{2 * layers}"), f"dense{6 * layers}")


def samples(call, seconds=3.0, most=40):
    for _ in range(10):
        call()
    times = []
    while len(times) < 3 or (len(times) < most and sum(times) < 1000 * seconds):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return times


results = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__, "losses": {}, "samples": {}}
for name, work in workloads.items():
    forward = {"mlp": mlp, "lenet": lenet, "transformer": transformer}[name]
    read = lambda file, dtype, shape: np.fromfile(folder / file, dtype).reshape(shape)
    parameters = {
        each["name"]: torch.from_numpy(read(each["file"], np.float32, each["shape"])).requires_grad_()
        for each in work["parameters"]
    }
    data = read(work["x"], np.int32 if name == "transformer" else np.float32, work["shape"])
    x = torch.from_numpy(data.astype(np.int64) if name == "transformer" else data)
    y = torch.tensor(work["y"])
    optimiser = torch.optim.SGD(parameters.values(), lr=work["rate"], momentum=work["momentum"])

    def step():
        optimiser.zero_grad()
        logits = forward(parameters, x)
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y)
        loss.backward()
        optimiser.step()
        return loss.item()

    def infer():
        with torch.no_grad():
            return forward(parameters, x)

    results["losses"][name] = [step() for _ in range(3)]
    results["samples"][f"torch.{name}.step"] = samples(step)
    results["samples"][f"torch.{name}.infer"] = samples(infer)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / work["onnx"], options, providers=["CPUExecutionProvider"])
    results["samples"][f"onnxruntime.{name}.infer"] = samples(lambda: session.run(["logits"], {"x": data}))

print(json.dumps(results))
