"""
Exports small models from PyTorch, scikit-learn and Keras to vectors/onnx/tools/NAME.onnx, and what each tool itself computes for a
few inputs to NAME.json. Needs two environments, because their requirements exclude one another:

    python -m venv a && a/bin/pip install -r bench/peers/requirements-torch.txt && a/bin/python bench/peers/exportModels.py
    python -m venv b && b/bin/pip install -r bench/peers/requirements-keras.txt && b/bin/python bench/peers/exportModels.py

Each run exports what its environment has. Weights and inputs come from fixed seeds.
"""
import importlib.metadata
import importlib.util
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
import onnx

FOLDER = pathlib.Path(__file__).parents[2] / "vectors/onnx/tools"
FOLDER.mkdir(parents=True, exist_ok=True)


def versions(*packages: str) -> str:
    return ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)


def tensor(values) -> dict:
    array = np.asarray(values)
    return {"type": str(array.dtype) if array.dtype.kind in "fiub" else "string", "shape": list(array.shape), "data": array.ravel().tolist()}


def without_traces(model: bytes) -> bytes:
    """The dynamo exporter notes at each node which line of which file on this machine it came from; which is no part of a model."""
    proto = onnx.ModelProto.FromString(model)
    for part in [proto.graph, *proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer]:
        del part.metadata_props[:]
        part.doc_string = ""
    return proto.SerializeToString()


def write(name: str, tool: str, model: bytes, inputs: dict, outputs: dict) -> None:
    (FOLDER / f"{name}.onnx").write_bytes(without_traces(model))
    case = {"tool": tool, "inputs": {k: tensor(v) for k, v in inputs.items()}, "outputs": {k: tensor(v) for k, v in outputs.items()}}
    (FOLDER / f"{name}.json").write_text(json.dumps(case) + "\n")
    print(name, len(model))


def torch_models() -> None:
    import io

    import torch
    from torch import nn

    class LeNet(nn.Module):
        """Convolutions with batch normalisation, one strided and one dilated, both kinds of pooling."""

        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(
                nn.Conv2d(1, 6, 5, padding=2), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(6, 8, 3, stride=2, groups=2), nn.BatchNorm2d(8), nn.LeakyReLU(0.1), nn.AvgPool2d(2),
            )
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(8, 16), nn.SiLU(), nn.Dropout(0.5), nn.Linear(16, 10))

        def forward(self, x):
            return self.head(self.features(x))

    class Transformer(nn.Module):
        """Token and position embedding, one encoder block, mean over the sequence."""

        def __init__(self):
            super().__init__()
            self.tokens = nn.Embedding(20, 16)
            self.positions = nn.Parameter(torch.randn(6, 16))
            self.block = nn.TransformerEncoderLayer(16, 2, 32, activation="gelu", batch_first=True)
            self.head = nn.Linear(16, 4)

        def forward(self, ids):
            return self.head(self.block(self.tokens(ids) + self.positions).mean(dim=1)).log_softmax(-1)

    class CausalAttention(nn.Module):
        """Self-attention written by hand, with a triangular mask, and RMS normalisation."""

        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.rand(16))
            self.qkv = nn.Linear(16, 48)
            self.out = nn.Linear(16, 16)

        def forward(self, x):
            normed = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale
            q, k, v = self.qkv(normed).reshape(-1, 6, 3, 4, 4).permute(2, 0, 3, 1, 4).unbind(0)
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return x + self.out(y.transpose(1, 2).reshape(-1, 6, 16))

    class Upsampler(nn.Module):
        """Transposed convolution with stride, padding and output padding, group normalisation."""

        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=2, dilation=2), nn.GroupNorm(2, 4), nn.Tanh(), nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid())

        def forward(self, x):
            return self.layers(x)

    torch.manual_seed(1)
    torch.backends.mha.set_fastpath_enabled(False)
    mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 3), nn.Softmax(-1))
    models = {
        "mlp": (mlp, torch.randn(5, 8)),
        "lenet": (LeNet(), torch.randn(2, 1, 16, 16)),
        "transformer": (Transformer(), torch.randint(0, 20, (3, 6))),
        "attention": (CausalAttention(), torch.randn(2, 6, 16)),
        "upsampler": (Upsampler(), torch.randn(2, 3, 6, 6)),
    }
    for name, (model, x) in models.items():
        for _ in range(3):  # running statistics that are not 0 and 1
            model.train()(torch.randn_like(x) if x.is_floating_point() else x)
        model.eval()
        with torch.no_grad():
            y = model(x)
        for exporter in ("torchscript", "dynamo"):
            file = io.BytesIO()
            names = {"input_names": ["input"], "output_names": ["output"]}
            if exporter == "dynamo":
                batch = torch.export.Dim("batch", min=1, max=512)
                program = torch.onnx.export(model, (x,), dynamo=True, opset_version=20, dynamic_shapes=({0: batch},), verbose=False, **names)
                program.save(file)
            else:
                torch.onnx.export(model, (x,), file, dynamo=False, opset_version=17, dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}}, **names)
            write(f"torch-{name}-{exporter}", f"{versions('torch', 'onnxscript')}, {exporter}", file.getvalue(), {"input": x.numpy()}, {"output": y.numpy()})


def sklearn_models() -> None:
    from skl2onnx import to_onnx
    from sklearn.datasets import load_diabetes, load_iris
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler

    tool = versions("scikit-learn", "skl2onnx")
    x, y = load_iris(return_X_y=True)
    x = x.astype(np.float32)
    species = np.array(["setosa", "versicolor", "virginica"])[y]
    xr, yr = load_diabetes(return_X_y=True)
    xr = xr.astype(np.float32)
    classifiers = {
        "logistic": (make_pipeline(StandardScaler(), LogisticRegression()), y),
        "logistic-names": (make_pipeline(MinMaxScaler(), LogisticRegression()), species),
        "logistic-binary": (make_pipeline(StandardScaler(), LogisticRegression()), (y > 1).astype(np.int64)),
        "normalizer": (make_pipeline(Normalizer(), LogisticRegression()), y),
        "mlp": (make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=300, random_state=1)), y),
        "mlp-binary": (make_pipeline(StandardScaler(), MLPClassifier((8,), activation="tanh", max_iter=300, random_state=1)), (y > 1).astype(np.int64)),
    }
    rows = x[::10]
    for name, (model, labels) in classifiers.items():
        model.fit(x, labels)
        for zipmap in (False, True) if name == "logistic-names" else (False,):
            onnx_model = to_onnx(model, x[:1], options={"zipmap": zipmap}, target_opset=17)
            outputs = dict(zip((o.name for o in onnx_model.graph.output), (model.predict(rows), model.predict_proba(rows).astype(np.float32))))
            write(f"sklearn-{name}{'-zipmap' if zipmap else ''}", tool, onnx_model.SerializeToString(), {onnx_model.graph.input[0].name: rows}, outputs)
    regressors = {"linear": make_pipeline(StandardScaler(), LinearRegression()), "mlp-regressor": make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(8,), max_iter=500, random_state=1))}
    rows = xr[::40]
    for name, model in regressors.items():
        model.fit(xr, yr)
        onnx_model = to_onnx(model, xr[:1], target_opset=17)
        outputs = {onnx_model.graph.output[0].name: model.predict(rows).astype(np.float32).reshape(-1, 1)}
        write(f"sklearn-{name}", tool, onnx_model.SerializeToString(), {onnx_model.graph.input[0].name: rows}, outputs)


def keras_models() -> None:
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    dense = keras.Sequential([layers.Input((6,), name="input"), layers.Dense(12, activation="relu"), layers.BatchNormalization(), layers.Dense(3, activation="softmax")])
    conv = keras.Sequential([
        layers.Input((12, 12, 2), name="input"), layers.Conv2D(4, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
        layers.DepthwiseConv2D(3), layers.Activation("swish"), layers.SeparableConv2D(6, 3, padding="same", activation="elu"),
        layers.GlobalAveragePooling2D(), layers.LayerNormalization(), layers.Dense(4, activation="sigmoid"),
    ])
    ids = layers.Input((5,), name="input", dtype="int32")
    hidden = layers.Embedding(10, 8)(ids)
    attended = layers.MultiHeadAttention(2, 4)(hidden, hidden)
    sequence = keras.Model(ids, layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.Add()([hidden, attended]))))
    generator = np.random.default_rng(1)
    models = {
        "dense": (dense, generator.standard_normal((4, 6)).astype(np.float32)),
        "conv": (conv, generator.standard_normal((2, 12, 12, 2)).astype(np.float32)),
        "attention": (sequence, generator.integers(0, 10, (3, 5)).astype(np.int32)),
    }
    for name, (model, x) in models.items():
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.set_weights([generator.uniform(0.5, 2, w.shape) for w in layer.get_weights()])
        expected = np.asarray(model(x))
        file = FOLDER / f"keras-{name}.onnx"
        model.export(file, format="onnx", opset_version=17, verbose=False)
        written = onnx.load(file)
        write(f"keras-{name}", versions("keras", "tensorflow-cpu", "tf2onnx"), file.read_bytes(), {written.graph.input[0].name: x}, {written.graph.output[0].name: expected})


for package, export in (("torch", torch_models), ("skl2onnx", sklearn_models), ("keras", keras_models)):
    if importlib.util.find_spec(package) is not None:
        export()
