"""Known answers for operations and optimisers: PyTorch on the CPU, in f64, rounded to 9 digits.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install torch==2.15.0 numpy && /tmp/venv/bin/python vectors/tensor/make.py

Writes operations.json (inputs, output, gradient of sum(output * pattern) for each input), kinks.json (derivatives where
there is none) and optimisers.json beside this file.
"""

import json
import math
import os

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
here = os.path.dirname(os.path.abspath(__file__))


def values(*shape, seed, low=-1.0, high=1.0):
    """f32-exact numbers, multiples of 1/64 with a twist, so that JSON and both precisions agree on them."""
    count = math.prod(shape)
    flat = [((i * 2654435761 + seed * 40503) >> 7) % 1021 / 1021 for i in range(count)]
    tensor = torch.tensor([low + (high - low) * v for v in flat]).reshape(shape)
    return tensor.float().double()


def pattern(shape):
    count = math.prod(shape)
    return torch.tensor([0.3 + (i * 7) % 5 / 4 for i in range(count)]).float().double().reshape(shape)


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().reshape(-1).tolist()]


def case(name, function, inputs, **attributes):
    leaves = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    output = function(*leaves)
    loss = (output * pattern(output.shape)).sum() if output.is_floating_point() else None
    gradients = [None] * len(leaves)
    if loss is not None:
        floats = [x for x in leaves if x.requires_grad]
        found = iter(torch.autograd.grad(loss, floats, allow_unused=True))
        gradients = [next(found) if x.requires_grad else None for x in leaves]
    return {
        "name": name,
        "attributes": attributes,
        "inputs": [{"shape": list(x.shape), "data": numbers(x)} for x in inputs],
        "output": {"shape": list(output.shape), "data": numbers(output)},
        "gradients": [None if d is None else numbers(d) for d in gradients],
    }


cases = []


def conv(name, x, w, b, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    cases.append(
        case(
            f"conv2d {name}",
            lambda x, w, b: F.conv2d(x, w, b, stride, padding, dilation, groups),
            [x, w, b],
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
        )
    )


conv("plain", values(2, 3, 5, 6, seed=1), values(4, 3, 3, 2, seed=2), values(4, seed=3))
conv("strided, padded", values(2, 2, 7, 6, seed=4), values(3, 2, 3, 3, seed=5), values(3, seed=6), (2, 3), (1, 2))
conv("dilated", values(1, 2, 8, 9, seed=7), values(2, 2, 3, 2, seed=8), values(2, seed=9), (1, 2), (2, 1), (2, 3))
conv("grouped", values(2, 4, 5, 5, seed=10), values(6, 2, 3, 3, seed=11), values(6, seed=12), (2, 2), (1, 1), (1, 1), 2)
conv("depthwise", values(1, 3, 4, 4, seed=13), values(3, 1, 2, 2, seed=14), values(3, seed=15), groups=3)
conv("patches", values(1, 2, 6, 6, seed=16), values(3, 2, 2, 3, seed=17), values(3, seed=18), (2, 3))
conv("pointwise", values(2, 3, 3, 3, seed=19), values(2, 3, 1, 1, seed=20), values(2, seed=21))


def transposed(name, x, w, b, stride=(1, 1), padding=(0, 0), output_padding=(0, 0), dilation=(1, 1), groups=1):
    cases.append(
        case(
            f"convTranspose2d {name}",
            lambda x, w, b: F.conv_transpose2d(x, w, b, stride, padding, output_padding, groups, dilation),
            [x, w, b],
            stride=stride,
            padding=padding,
            outputPadding=output_padding,
            dilation=dilation,
            groups=groups,
        )
    )


transposed("plain", values(1, 2, 3, 4, seed=22), values(2, 3, 2, 3, seed=23), values(3, seed=24))
transposed("strided", values(2, 2, 3, 3, seed=25), values(2, 2, 3, 3, seed=26), values(2, seed=27), (2, 2), (1, 1), (1, 0))
transposed("padded beyond the kernel", values(1, 1, 6, 6, seed=28), values(1, 2, 2, 2, seed=29), values(2, seed=30), (1, 1), (2, 2))
transposed("grouped, dilated", values(1, 4, 3, 3, seed=31), values(4, 1, 2, 2, seed=32), values(2, seed=33), (1, 2), (0, 1), (0, 0), (2, 1), 2)

scrambled = values(2, 2, 6, 7, seed=34)
for name, kernel, stride, padding, dilation in [
    ("tiles", (2, 2), (2, 2), (0, 0), (1, 1)),
    ("overlapping, padded", (3, 3), (2, 2), (1, 1), (1, 1)),
    ("dilated", (2, 2), (1, 1), (0, 1), (2, 2)),
]:
    cases.append(
        case(
            f"maxPool {name}",
            lambda x: F.max_pool2d(x, kernel, stride, padding, dilation),
            [scrambled],
            kernel=kernel,
            stride=stride,
            padding=padding,
            dilation=dilation,
        )
    )
for name, kernel, stride, padding, counted in [
    ("tiles", (2, 2), (2, 2), (0, 0), True),
    ("padded, counted", (3, 2), (2, 1), (1, 1), True),
    ("padded, not counted", (3, 2), (2, 1), (1, 1), False),
]:
    cases.append(
        case(
            f"averagePool {name}",
            lambda x: F.avg_pool2d(x, kernel, stride, padding, False, counted),
            [scrambled],
            kernel=kernel,
            stride=stride,
            padding=padding,
            countPadding=counted,
        )
    )
cases.append(case("globalAveragePool", lambda x: F.adaptive_avg_pool2d(x, 1), [scrambled]))
cases.append(case("globalMaxPool", lambda x: F.adaptive_max_pool2d(x, 1), [scrambled]))

x = values(3, 4, 5, seed=35, low=-3, high=3)
cases.append(case("layerNorm", lambda x, s, b: F.layer_norm(x, (5,), s, b, 1e-5), [x, values(5, seed=36), values(5, seed=37)]))
cases.append(case("rmsNorm", lambda x, s: F.rms_norm(x, (5,), s, 1e-5), [x, values(5, seed=38)]))
channels = [values(4, seed=39 + i, low=0.2, high=1.5) for i in range(4)]
cases.append(
    case("batchNorm", lambda x, m, v, s, b: F.batch_norm(x, m.detach(), v.detach(), s, b, False, 0.1, 1e-5), [x, *channels])
)
mean, variance = channels[0].clone(), channels[1].clone()
trained = case(
    "batchNorm in training",
    lambda x, s, b: F.batch_norm(x, mean.clone(), variance.clone(), s, b, True, 0.1, 1e-5),
    [x, channels[2], channels[3]],
)
F.batch_norm(x, mean, variance, channels[2], channels[3], True, 0.1, 1e-5)
trained["attributes"] = {
    "before": [numbers(channels[0]), numbers(channels[1])],
    "after": [numbers(mean), numbers(variance)],
}
cases.append(trained)


def attend(query, key, value, heads, causal):
    b, t, d = query.shape
    s, e = value.shape[1:]
    q = query.reshape(b, t, heads, d // heads).transpose(1, 2)
    k = key.reshape(b, s, heads, d // heads).transpose(1, 2)
    v = value.reshape(b, s, heads, e // heads).transpose(1, 2)
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return mixed.transpose(1, 2).reshape(b, t, e)


for causal in (False, True):
    cases.append(
        case(
            f"attention{' causal' if causal else ''}",
            lambda q, k, v: attend(q, k, v, 2, causal),
            [values(2, 3, 4, seed=50), values(2, 3, 4, seed=51), values(2, 3, 6, seed=52)],
            heads=2,
            causal=causal,
        )
    )

points = values(40, seed=60, low=-4, high=4)
for name, function in {
    "relu": F.relu,
    "leakyRelu": lambda x: F.leaky_relu(x, 0.01),
    "elu": F.elu,
    "gelu erf": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "erf": torch.erf,
    "abs": torch.abs,
    "neg": torch.neg,
    "clip": lambda x: torch.clamp(x, -1.5, 2),
    "power": lambda x: x**3,
}.items():
    cases.append(case(name, function, [points]))
positive = values(40, seed=61, low=0.25, high=5)
cases.append(case("log", torch.log, [positive]))
cases.append(case("reciprocal", torch.reciprocal, [positive]))
cases.append(case("sqrt", torch.sqrt, [positive]))
cases.append(case("power negative", lambda x: x**-2, [positive]))

table = values(3, 4, 5, seed=62, low=-2, high=2)
for name, function in {
    "softmax": lambda x: torch.softmax(x, 2),
    "softmax along 1": lambda x: torch.softmax(x, 1),
    "logSoftmax along 1": lambda x: torch.log_softmax(x, 1),
    "sum 0,2": lambda x: x.sum((0, 2)),
    "mean 1 keep": lambda x: x.mean(1, keepdim=True),
    "max 1": lambda x: x.amax(1),
    "min 0,2": lambda x: x.amin((0, 2)),
    "argmax 1": lambda x: x.argmax(1),
    "argmin 2": lambda x: x.argmin(2),
}.items():
    cases.append(case(name, function, [table]))

a, b = values(3, 1, 5, seed=63, low=0.5, high=2), values(4, 1, seed=64, low=0.5, high=2)
for name, function in {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}.items():
    cases.append(case(name, function, [a, b]))

cases.append(case("dense over sequences", lambda x, w, b: x @ w + b, [table, values(5, 3, seed=65), values(3, seed=66)]))
cases.append(case("matmul broadcast", torch.matmul, [values(2, 1, 3, 4, seed=67), values(3, 4, 2, seed=68)]))
tokens = torch.tensor([[3, 0, 3], [1, 4, 0]])
cases.append(case("embedding", lambda t, i: F.embedding(i, t), [values(5, 4, seed=69), tokens]))

logits, labels, weights = values(2, 3, 4, seed=70, low=-3, high=3), torch.tensor([[0, 3, 1], [2, 2, 0]]), values(2, 3, seed=71, low=0.1, high=2)


def weighted(losses, w):
    return (losses * w).sum() / w.sum()


cases.append(
    case(
        "crossEntropy over sequences",
        lambda x, y, w: weighted(F.cross_entropy(x.transpose(1, 2), y, reduction="none"), w),
        [logits, labels, weights],
    )
)
target = values(2, 3, 4, seed=72, low=0, high=1)
cases.append(
    case(
        "binaryCrossEntropy",
        lambda x, t, w: weighted(F.binary_cross_entropy_with_logits(x, t, reduction="none").mean(2), w),
        [logits, target, weights],
    )
)
cases.append(
    case(
        "meanSquaredError",
        lambda x, t, w: weighted(((x - t) ** 2).mean(2), w),
        [logits, target, weights],
    )
)
cases.append(
    case(
        "huber",
        lambda x, t, w: weighted(F.huber_loss(x, t, reduction="none", delta=0.75).mean(2), w),
        [logits, target, weights],
    )
)

# Kinks: functions of one tensor, at the points where two branches meet.
kinks = []
for name, function, points in [
    ("relu", F.relu, [0.0]),
    ("abs", torch.abs, [0.0]),
    ("leakyRelu", lambda x: F.leaky_relu(x, 0.125), [0.0]),
    ("elu", lambda x: F.elu(x, 0.5), [0.0]),
    ("silu", F.silu, [0.0]),
    ("sigmoid", torch.sigmoid, [0.0]),
    ("softplus", F.softplus, [0.0]),
    ("gelu erf", F.gelu, [0.0]),
    ("gelu tanh", lambda x: F.gelu(x, approximate="tanh"), [0.0]),
    ("clip", lambda x: torch.clamp(x, -1.5, 2), [-1.5, 2.0]),
    ("power", lambda x: x**2, [0.0]),
    ("max", lambda x: x.max(0).values, [1.0, 1.0]),
    ("min", lambda x: x.min(0).values, [1.0, 1.0]),
    ("maxPool", lambda x: F.max_pool2d(x.reshape(1, 1, 1, 2), (1, 2)), [1.0, 1.0]),
    ("huber", lambda x: F.huber_loss(x, torch.zeros_like(x), delta=0.75, reduction="sum"), [0.0, 0.75, -0.75]),
    (
        "binaryCrossEntropy",
        lambda x: F.binary_cross_entropy_with_logits(x, torch.tensor([0.0, 0.25, 1.0]), reduction="sum"),
        [0.0, 0.0, 0.0],
    ),
    ("HardSigmoid", F.hardsigmoid, [-3.0, 3.0]),
    ("HardSwish", F.hardswish, [-3.0, 3.0]),
    ("Clip", F.relu6, [0.0, 6.0]),
    ("ThresholdedRelu", lambda x: F.threshold(x, 1.0, 0.0), [1.0]),
    ("Celu", lambda x: F.celu(x, 0.5), [0.0]),
    ("Selu", F.selu, [0.0]),
    ("PRelu", lambda x: F.prelu(x, torch.tensor([0.125])), [0.0]),
    ("Softsign", F.softsign, [0.0]),
    ("Mish", F.mish, [0.0]),
    ("Shrink", lambda x: F.softshrink(x, 0.5), [-0.5, 0.5]),
]:
    x = torch.tensor(points, requires_grad=True)
    (gradient,) = torch.autograd.grad(function(x).sum(), [x])
    kinks.append({"name": name, "points": points, "gradient": numbers(gradient)})

# Optimisers: one parameter of four entries, gradients that change sign, five steps.
gradients = [values(4, seed=80 + step) for step in range(5)]
start = values(4, seed=79)
optimisers = {}
for name, make in {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8),
    "adamW": lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1),
    "momentum, clipped by norm": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "momentum, clipped by value": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
}.items():
    parameter = start.clone().requires_grad_(True)
    optimiser = make([parameter])
    path = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        if "norm" in name:
            torch.nn.utils.clip_grad_norm_([parameter], 0.5)
        if "value" in name:
            torch.nn.utils.clip_grad_value_([parameter], 0.25)
        optimiser.step()
        path.append(numbers(parameter))
    optimisers[name] = path


def write(name, value):
    with open(os.path.join(here, name), "w", encoding="utf8") as file:
        file.write(json.dumps(value, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


provenance = f"PyTorch {torch.__version__.split('+')[0]} (BSD-3-Clause), CPU, f64, made by make.py"
write("operations.json", {"provenance": provenance, "cases": cases})
write("kinks.json", {"provenance": provenance, "cases": kinks})
write(
    "optimisers.json",
    {
        "provenance": provenance,
        "start": numbers(start),
        "gradients": [numbers(g) for g in gradients],
        "parameters": optimisers,
    },
)
