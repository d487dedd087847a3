"""Flower's SecAgg+ server: processor time of its own stages, with all there and with 30 % absent.

    python3 -m venv build/flower && build/flower/bin/pip install -r bench/peers/requirements-secagg.txt
    build/flower/bin/python bench/peers/secagg.py 50 100000

`nonet bench secagg` runs it where that Python is. The participants are Flower's client code, called
directly; the server is `SecAggPlusWorkflow.collect_masked_vectors_stage` (adds the messages) and
`unmask_stage` (recovers secrets, takes the masks out, turns the sum into floats), with a grid that
only hands over what the participants made, whose time is not counted. Every participant is a
neighbour of every other and the threshold is that of Nonet. Nothing is sent, and the strategy that
gets the result does nothing. The average is compared with the clear one. Prints one JSON document.

It is not the same work: Flower's server recovers secrets by Shamir in GF(2^128) in Python from all
shares that came and checks none; its masks are a Mersenne twister's, from a seed of 32 bits
(`pseudo_rand_gen`), where Nonet's are ChaCha20's from 256 bits.
"""

import importlib
import json
import logging
import sys
import time
from types import SimpleNamespace

import numpy as np
from flwr.app import ConfigRecord, RecordDict
from flwr.common import Code, FitRes, Status, ndarrays_to_parameters, parameters_to_ndarrays
from flwr.common.secure_aggregation.secaggplus_constants import RECORD_KEY_CONFIGS, Key
from flwr.compat.common import recorddict_compat as compat
from flwr.server.workflow.constant import MAIN_CONFIGS_RECORD
from flwr.server.workflow.secure_aggregation.secaggplus_workflow import SecAggPlusWorkflow, WorkflowState
from flwr.supercore.task_identity import TaskIdentity

# The package exports a function of the same name.
client = importlib.import_module("flwr.client.mod.secure_aggregation.secaggplus_mod")
logging.getLogger("flwr").setLevel(logging.ERROR)
# A message names the run that it is of.
TaskIdentity.run_id = TaskIdentity.task_id = TaskIdentity.node_id = 1
participants, numbers = (int(each) for each in sys.argv[1:3])
threshold = participants * 66 // 100 + 1
clip, levels, modulus, weight = 8.0, 2**22, 2**32, 1.0
rng = np.random.default_rng(1)


def make_states():
    """Clients after their stages 0 and 1, with what each sends to the server."""
    nodes = list(range(1, participants + 1))
    states, keys = {}, {}
    for node in nodes:
        states[node] = client.SecAggPlusState(nid=node)
        out = client._setup(
            states[node],
            {
                Key.SAMPLE_NUMBER: participants,
                Key.SHARE_NUMBER: participants,
                Key.THRESHOLD: threshold,
                Key.CLIPPING_RANGE: clip,
                Key.TARGET_RANGE: levels,
                Key.MOD_RANGE: modulus,
                Key.MAX_WEIGHT: weight,
            },
        )
        keys[node] = [out[Key.PUBLIC_KEY_1], out[Key.PUBLIC_KEY_2]]
    boxes = {node: ([], []) for node in nodes}
    for node in nodes:
        out = client._share_keys(states[node], {str(each): keys[each] for each in nodes})
        for to, box in zip(out[Key.DESTINATION_LIST], out[Key.CIPHERTEXT_LIST]):
            boxes[to][0].append(node)
            boxes[to][1].append(box)
    return states, keys, boxes


def message(node, configs):
    """What a grid gives back for a node."""
    parameters = ndarrays_to_parameters([])
    fitres = FitRes(Status(Code.OK, ""), parameters, num_examples=1, metrics={})
    content = compat.fitres_to_recorddict(fitres, True)
    content.config_records[RECORD_KEY_CONFIGS] = ConfigRecord(configs)
    return SimpleNamespace(
        content=content, metadata=SimpleNamespace(src_node_id=node), has_error=lambda: False
    )


class Grid:
    """Hands over messages that are made before, or are made in time that is not counted."""

    def __init__(self, make):
        self.make, self.seconds = make, 0.0

    def send_and_receive(self, messages, timeout=None):
        start = time.process_time()
        replies = self.make(messages)
        self.seconds += time.process_time() - start
        return replies


class Strategy:
    """Keeps the average, and does nothing else."""

    def aggregate_fit(self, server_round, results, failures):
        self.average = parameters_to_ndarrays(results[0][1].parameters)[0]
        return None, {}


states, keys, boxes = make_states()


def mask(node, vector):
    """The message of a node."""
    configs = {Key.SOURCE_LIST: boxes[node][0], Key.CIPHERTEXT_LIST: boxes[node][1]}
    parameters = ndarrays_to_parameters([vector])
    return message(node, client._collect_masked_vectors(states[node], configs, 1, parameters))


def answer(asked):
    """The answers of the nodes that are asked to unmask."""
    nodes = [(each.metadata.dst_node_id, each.content) for each in asked]
    return [
        message(node, client._unmask(states[node], content.config_records[RECORD_KEY_CONFIGS]))
        for node, content in nodes
    ]


def measure(absent):
    """Milliseconds of the server with so many absent after stage 1."""
    present = sorted(states)[absent:]
    vectors = {node: rng.uniform(-1, 1, numbers) for node in present}
    masked = [mask(node, vector) for node, vector in vectors.items()]
    average = np.mean(list(vectors.values()), axis=0)
    return 1000 * run_server(masked, average)


def run_server(masked, average):
    """Seconds of the two stages."""
    everyone = set(states)
    state = WorkflowState(
        nid_to_proxies={node: SimpleNamespace(node_id=node) for node in everyone},
        nid_to_fitins={node: RecordDict() for node in everyone},
        sampled_node_ids=everyone,
        active_node_ids=set(everyone),
        num_shares=participants,
        threshold=threshold,
        clipping_range=clip,
        quantization_range=levels,
        mod_range=modulus,
        max_weight=weight,
        nid_to_neighbours={node: set(everyone) for node in everyone},
        nid_to_publickeys=keys,
        forward_srcs={node: boxes[node][0] for node in everyone},
        forward_ciphertexts={node: boxes[node][1] for node in everyone},
    )
    workflow = SecAggPlusWorkflow(
        1.0, threshold, max_weight=weight, clipping_range=clip, quantization_range=levels
    )
    strategy = Strategy()
    records = {MAIN_CONFIGS_RECORD: {"current_round": 1}}
    context = SimpleNamespace(
        state=SimpleNamespace(config_records=records, array_records={}), strategy=strategy, history=None
    )
    collecting, unmasking = Grid(lambda _: masked), Grid(answer)
    start = time.process_time()
    done = workflow.collect_masked_vectors_stage(collecting, context, state)
    done = done and workflow.unmask_stage(unmasking, context, state)
    seconds = time.process_time() - start - collecting.seconds - unmasking.seconds
    error = np.abs(strategy.average - average).max()
    if not done or error > 4 * clip / levels:
        sys.exit(f"the average is off by {error}")
    return seconds


print(json.dumps({"server": measure(0), "server.dropout30": measure(participants * 30 // 100)}))
