"""Models with the answers of ONNX Runtime: files that users reported (from the folder named as the argument, or those that are packed already), and
models built here, of operators and operator sets for which ONNX publishes no cases. Writes vectors/onnx/reports.json.gz: a list of
{name, tool, model, files, inputs, outputs, extents?, values?, ulp}, bytes in base64.

    python3 -m venv build/venv && build/venv/bin/pip install -r requirements-onnx.txt
    build/venv/bin/python makeOnnxReports.py [FOLDER]
"""

import base64
import gzip
import json
import math
import os
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

pack = os.path.join(os.path.dirname(__file__), "../../vectors/onnx/reports.json.gz")
out = tempfile.mkdtemp()
records = []
f32 = np.float32
rng = np.random.default_rng(2026)


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def stored(array):
    array = np.asarray(array)
    return {"type": str(array.dtype), "shape": list(array.shape), "data": [plain(v) for v in array.reshape(-1).tolist()]}


def encoded(path):
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()


def keep(name, inputs, extents=None, values=None, ulp=8, files=(), optimised=True):
    path = os.path.join(out, name + ".onnx")
    settings = onnxruntime.SessionOptions()
    if not optimised:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    known = {i.name for i in session.get_inputs()}
    results = session.run(None, {k: v for k, v in inputs.items() if k in known})
    outputs = {o.name: stored(v) for o, v in zip(session.get_outputs(), results)}
    record = {"name": name, "tool": f"onnxruntime {onnxruntime.__version__}", "model": encoded(path), "files": {k: encoded(os.path.join(out, k)) for k in files}, "inputs": {k: stored(v) for k, v in inputs.items()}, "outputs": outputs, "ulp": ulp}
    if extents:
        record["extents"] = extents
    if values:
        record["values"] = values
    records.append(record)


def typed(array):
    return helper.np_dtype_to_tensor_dtype(array.dtype)


def single(name, operator, inputs, attributes=None, opset=17, constants=(), count=1, domain="", shapes=None, types=None, **options):
    """A model of one node: what is named in `constants` becomes initialisers, the rest inputs."""
    fed = {k: np.asarray(v) for k, v in inputs.items() if v is not None and k not in constants}
    kept = [numpy_helper.from_array(np.asarray(inputs[k]), k) for k in constants]
    names = [k if v is not None else "" for k, v in inputs.items()]
    outputs = [f"y{i}" for i in range(count)]
    node = helper.make_node(operator, names, outputs, domain=domain, **(attributes or {}))
    graph = helper.make_graph(
        [node],
        name,
        [helper.make_tensor_value_info(k, typed(v), (shapes or {}).get(k, list(v.shape))) for k, v in fed.items()],
        [helper.make_tensor_value_info(k, (types or [TensorProto.FLOAT] * count)[i], None) for i, k in enumerate(outputs)],
        kept,
    )
    opsets = [helper.make_opsetid("", opset)] if domain == "" else [helper.make_opsetid("", 17), helper.make_opsetid(domain, opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.save(model, os.path.join(out, name + ".onnx"))
    keep(name, fed, **options)


def uniform(*shape, low=-2.0, high=2.0):
    return rng.uniform(low, high, shape).astype(f32)


def reported(folder):
    """Files that users reported. int64_product_wraps is beyond 32 bits and refused while running; its test stands beside the others."""
    if folder:
        names = [file for file in sorted(os.listdir(folder)) if file.endswith((".onnx", ".data"))]
        contents = {file: encoded(os.path.join(folder, file)) for file in names}
    else:
        with gzip.open(pack, "rt") as file:
            known = json.load(file)
        contents = {k: v for record in known for k, v in {record["name"] + ".onnx": record["model"], **record["files"]}.items()}
    for file, content in contents.items():
        with open(os.path.join(out, file), "wb") as target:
            target.write(base64.b64decode(content))

    def row(n, *shape):
        return np.arange(n, dtype=f32).reshape(shape)

    nan, inf = np.nan, np.inf
    keep("resize_nearest_0p6", {"x": row(7, 1, 1, 7, 1)})
    keep("resize_linear_align_corners_1p5", {"x": row(7, 1, 1, 7, 1)})
    keep("array_feature_extractor_one_column", {"x": row(12, 3, 4)})
    keep("relu_nan", {"x": np.array([nan, 1, -1], f32)})
    keep("reduce_log_sum_exp_inf", {"x": np.array([[-inf, -inf], [inf, 0]], f32)})
    keep("softplus_small", {"x": np.array([-10, -16, -20, -30], f32)})
    keep("int64_product_wraps", {"x": np.array([70000, 3, 46341], np.int64)})
    keep("squeeze_without_axes_batch_1", {"x": row(4, 1, 1, 4)}, extents={"batch": 1})
    keep("unused_input", {"x": row(6, 2, 3), "sr": np.array(16000, np.int64)})
    keep("quantize_per_tensor_with_axis", {"x": row(6, 2, 3)})
    keep("causal_mask_of_minus_infinity", {"x": row(16, 1, 4, 4) / f32(7)})
    keep("softmax_opset11_2d", {"x": row(6, 2, 3)})
    keep("slice_opset9", {"x": row(6, 2, 3)})
    keep("resize_dynamic_batch", {"x": row(64, 2, 2, 4, 4)})
    keep("paddle_extents", {"x": row(24, 2, 3, 2, 2) - f32(9)})
    keep("pow_fraction", {"x": np.array([1, 2, 3], f32)})
    keep("einsum_three", {"a": uniform(2, 3), "b": uniform(3, 4), "c": uniform(2, 4)})
    keep("two_unnamed_batches", {"a": row(3, 3, 1), "b": row(3, 3, 1)})
    keep("torch_mha_dynamic_batch", {k: uniform(3, 6, 32) for k in ("query", "key", "value")}, ulp=16)
    keep("torch_default_export", {"input": uniform(1, 40)}, files=["torch_default_export.onnx.data"])


def models():
    x = uniform(3, 4, 5)
    for opset in (1, 11):
        for axis in (0, 1, 2):
            single(f"softmax_opset{opset}_axis{axis}", "Softmax", {"x": x}, {"axis": axis}, opset=max(opset, 7))
    single("log_softmax_opset11", "LogSoftmax", {"x": x}, {"axis": 1}, opset=11)
    single("hardmax_opset11", "Hardmax", {"x": x}, {"axis": 1}, opset=11)
    single("softmax_opset11_open", "Softmax", {"x": x}, {"axis": 1}, opset=11, shapes={"x": ["N", 4, 5]})
    single("slice_opset9_axes", "Slice", {"x": x}, {"starts": [1, -3], "ends": [3, 1000], "axes": [1, 2]}, opset=9)
    single("split_opset11_sizes", "Split", {"x": x}, {"axis": 2, "split": [2, 3]}, opset=11, count=2)
    single("split_opset11_even", "Split", {"x": x}, {"axis": 1}, opset=11, count=2)
    single("pad_opset10", "Pad", {"x": x}, {"pads": [0, 1, 2, 0, 0, 1], "value": 1.5}, opset=10)
    single("pad_opset10_reflect", "Pad", {"x": x}, {"pads": [0, 1, 2, 0, 0, 1], "mode": "reflect"}, opset=10)
    single("squeeze_opset11", "Squeeze", {"x": uniform(3, 1, 4)}, {"axes": [1]}, opset=11)
    single("unsqueeze_opset11", "Unsqueeze", {"x": x}, {"axes": [0, 2]}, opset=11)
    single("clip_opset10", "Clip", {"x": x}, {"min": -0.5, "max": 1.0}, opset=10)
    single("dropout_opset9", "Dropout", {"x": x}, {"ratio": 0.3}, opset=9)
    single("batch_norm_opset8", "BatchNormalization", {k: v for k, v in zip("xsbmv", (x, uniform(4), uniform(4), uniform(4), uniform(4, low=0.5)))}, {"epsilon": 1e-3}, opset=8)
    single("upsample_opset9", "Upsample", {"x": uniform(1, 2, 3, 4), "s": np.array([1, 1, 2, 1.5], f32)}, {"mode": "nearest"}, opset=9, constants=["s"])
    single("upsample_opset9_linear", "Upsample", {"x": uniform(1, 2, 3, 4), "s": np.array([1, 1, 2, 2], f32)}, {"mode": "linear"}, opset=9, constants=["s"])
    single("upsample_opset7", "Upsample", {"x": uniform(1, 2, 3, 4)}, {"scales": [1.0, 1.0, 2.0, 3.0]}, opset=7)
    single("resize_opset10", "Resize", {"x": uniform(1, 2, 5, 4), "s": np.array([1, 1, 1.4, 2], f32)}, {"mode": "nearest"}, opset=10, constants=["s"])
    single("resize_opset10_linear_down", "Resize", {"x": uniform(1, 1, 7, 6), "s": np.array([1, 1, 0.6, 0.5], f32)}, {"mode": "linear"}, opset=10, constants=["s"])
    single("topk_opset1", "TopK", {"x": x}, {"k": 2, "axis": 1}, opset=9, count=2, types=[1, 7])
    k = np.array([3], np.int64)
    ties = rng.integers(-2, 3, (3, 7)).astype(f32)
    single("topk_ties", "TopK", {"x": ties, "k": k}, {"axis": -1}, opset=11, constants=["k"], count=2, types=[1, 7])
    single("topk_smallest", "TopK", {"x": ties, "k": k}, {"axis": 0, "largest": 0}, opset=11, constants=["k"], count=2, types=[1, 7])
    single("topk_all", "TopK", {"x": uniform(2, 100), "k": np.array([100], np.int64)}, {}, opset=11, constants=["k"], count=2, types=[1, 7])
    single("topk_int64_open", "TopK", {"x": rng.integers(-9, 9, (4, 6)), "k": k}, {}, opset=11, constants=["k"], count=2, types=[7, 7], shapes={"x": ["N", 6]})
    data, updates = uniform(4, 3), uniform(2, 3)
    at = np.array([[2, 0, 1], [0, 3, 1]], np.int64)
    once = np.array([[2, 0, 1], [0, 3, -1]], np.int64)
    for reduction in ("none", "add", "mul", "max", "min"):
        single(f"scatter_elements_{reduction}", "ScatterElements", {"x": data, "i": at, "u": updates}, {"axis": 0, "reduction": reduction}, opset=18, constants=["i"])
        single(f"scatter_nd_{reduction}", "ScatterND", {"x": data, "i": np.array([[1], [1]], np.int64), "u": updates}, {"reduction": reduction}, opset=18, constants=["i"])
    single("scatter_elements_computed", "ScatterElements", {"x": data, "i": once, "u": updates}, {"axis": 0}, opset=18)
    single("scatter_elements_computed_add", "ScatterElements", {"x": data, "i": at, "u": updates}, {"axis": 0, "reduction": "add"}, opset=18)
    single("scatter_nd_computed", "ScatterND", {"x": data, "i": np.array([[3, 1], [-1, 0]], np.int64), "u": uniform(2)}, {}, opset=18)
    single("scatter_opset9", "Scatter", {"x": data, "i": once, "u": updates}, {"axis": 0}, opset=9)
    base = uniform(50, low=0.0, high=5.0)
    for exponent in (1.7, -0.3, 2.5, 70.0, -3.0, 0.25):
        single(f"pow_{exponent}", "Pow", {"x": base + f32(0.1), "e": np.array(exponent, f32)}, opset=15, constants=["e"], ulp=128)
    special = np.array([0, -0.0, 1, -1, np.inf, -np.inf, 2, -2, 0.5, np.nan], f32)
    for exponent in (1.7, -1.7, 3.0, -3.0, 0.0, 0.5):
        single(f"pow_special_{exponent}", "Pow", {"x": special, "e": np.array([exponent], f32)}, opset=15)
    single("pow_computed", "Pow", {"x": special.reshape(-1, 1), "e": np.array([[-2, -1, 0, 1, 2, 3, 0.5, -0.5, 1.5]], f32)}, opset=15)
    wide = np.concatenate([uniform(40, low=-100, high=100), np.array([0, -0.0, 1e4, -1e5, 3.14159274], f32)])
    for operator in ("Sin", "Cos"):
        single(f"{operator.lower()}", operator, {"x": wide}, opset=9)
    single("tan", "Tan", {"x": uniform(40, low=-1.4, high=1.4)}, opset=9)
    small = np.array([-10, -16, -20, -30, -87, -104, 0, 1, 20, 100, np.inf, -np.inf], f32)
    single("softplus_wide", "Softplus", {"x": small}, opset=9)
    for fmod in (1,):
        a = np.array([5.5, -5.5, 5.5, -5.5, 1e6, 7, 0.3, 1e10, 3, -3, 0.0, 2**40], f32)
        b = np.array([2, 2, -2, -2, 0.7, 7, 0.1, 3, np.inf, np.inf, 2, 3], f32)
        single("mod_float", "Mod", {"a": a, "b": b}, {"fmod": fmod}, opset=13)
    big = rng.integers(-1000, 1000, (3, 4))
    single("reduce_sum_int64", "ReduceSum", {"x": big, "axes": np.array([1], np.int64)}, {}, opset=13, constants=["axes"], types=[7])
    single("reduce_sum_int32", "ReduceSum", {"x": big.astype(np.int32)}, {"keepdims": 0}, opset=13, types=[6])
    single("reduce_max_int32", "ReduceMax", {"x": rng.integers(-(2**31), 2**31 - 1, (5, 9)).astype(np.int32), "axes": np.array([1], np.int64)}, {}, opset=18, constants=["axes"], types=[6])
    single("reduce_min_int64", "ReduceMin", {"x": rng.integers(-(2**31), 2**31 - 1, (5, 9)), "axes": np.array([0], np.int64)}, {"keepdims": 0}, opset=18, constants=["axes"], types=[7])
    single("matmul_int32", "MatMul", {"a": big.astype(np.int32), "b": big.T.astype(np.int32).copy()}, opset=13, types=[6])
    single("einsum_four", "Einsum", {"a": uniform(2, 3), "b": uniform(3, 4), "c": uniform(4, 5), "d": uniform(5)}, {"equation": "ij,jk,kl,l->i"}, opset=12)
    for operator in ("Relu", "Sign", "Abs", "Sigmoid", "Floor"):
        single(f"{operator.lower()}_special", operator, {"x": special}, opset=13)
    for operator in ("Max", "Min"):
        single(f"{operator.lower()}_nan", operator, {"a": special, "b": special[::-1].copy()}, opset=13)
    # No ReduceMax of NaN: ONNX Runtime passes over one that is not the first, NumPy and PyTorch do not.
    ends = np.array([[np.inf, 0], [-np.inf, -np.inf], [np.inf, -np.inf], [1, 2]], f32)
    single("reduce_log_sum_exp_ends", "ReduceLogSumExp", {"x": ends}, {"axes": [1]}, opset=13)
    single("cumsum_int32", "CumSum", {"x": big.astype(np.int32), "axis": np.array(1, np.int64)}, {"reverse": 1}, opset=14, constants=["axis"], types=[6])


def recurrent():
    T, B, I, H = 5, 2, 3, 4
    x = uniform(T, B, I)
    for operator, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        for direction, D in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
            inputs = {"x": x, "w": uniform(D, gates * H, I), "r": uniform(D, gates * H, H), "b": uniform(D, 2 * gates * H)}
            count = 3 if operator == "LSTM" else 2
            single(f"{operator.lower()}_{direction}", operator, inputs, {"hidden_size": H, "direction": direction}, opset=14, constants=["w", "r", "b"], count=count, ulp=16)
        inputs = {"x": x, "w": uniform(1, gates * H, I), "r": uniform(1, gates * H, H), "b": None, "l": np.array([5, 3], np.int32), "h": uniform(1, B, H)}
        if operator == "LSTM":
            inputs["c"] = uniform(1, B, H)
            single("lstm_peepholes", operator, {**inputs, "p": uniform(1, 3 * H)}, {"hidden_size": H}, opset=14, constants=["w", "r", "p"], count=3, ulp=16)
        single(f"{operator.lower()}_lengths", operator, inputs, {"hidden_size": H}, opset=14, constants=["w", "r"], count=3 if operator == "LSTM" else 2, ulp=16)
        single(f"{operator.lower()}_lengths_reverse", operator, inputs, {"hidden_size": H, "direction": "reverse"}, opset=14, constants=["w", "r"], count=3 if operator == "LSTM" else 2, ulp=16)
    inputs = {"x": x, "w": uniform(1, 3 * H, I), "r": uniform(1, 3 * H, H), "b": uniform(1, 6 * H)}
    single("gru_linear_before_reset_open", "GRU", inputs, {"hidden_size": H, "linear_before_reset": 1}, opset=14, constants=["w", "r", "b"], count=2, shapes={"x": [T, "batch", I]}, ulp=16)
    inputs = {"x": x, "w": uniform(1, 4 * H, I), "r": uniform(1, 4 * H, H), "b": uniform(1, 8 * H)}
    single("lstm_opset7_open", "LSTM", inputs, {"hidden_size": H}, opset=7, constants=["w", "r", "b"], count=3, shapes={"x": [T, "batch", I]}, ulp=16)
    single("lstm_clip_relu", "LSTM", inputs, {"hidden_size": H, "clip": 0.5, "activations": ["HardSigmoid", "Relu", "Tanh"], "activation_alpha": [0.25], "activation_beta": [0.4]}, opset=14, constants=["w", "r", "b"], count=3, ulp=16)


def branches():
    def branch(name, node):
        return helper.make_graph([node], name, [], [helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None)])

    add = branch("a", helper.make_node("Add", ["x", "x"], ["t"]))
    neg = branch("b", helper.make_node("Neg", ["x"], ["t2"]))
    x = uniform(2, 3)
    for name, condition in (("input", None), ("bound", 1), ("constant", 0)):
        nodes = [helper.make_node("If", ["c"], ["y"], then_branch=add, else_branch=neg)]
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])]
        initialisers = []
        if condition != 0:
            inputs.append(helper.make_tensor_value_info("c", TensorProto.BOOL, []))
        else:
            initialisers.append(numpy_helper.from_array(np.array(False), "c"))
        graph = helper.make_graph(nodes, name, inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], initialisers)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), os.path.join(out, f"if_{name}.onnx"))
        keep(f"if_{name}", {"x": x, "c": np.array(True)} if condition != 0 else {"x": x}, values={"c": 1} if condition == 1 else None)


def sklearn_models():
    from skl2onnx import to_onnx
    from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, OneClassSVM
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    x = uniform(80, 5)
    target = x[:, 0] * x[:, 1] + x[:, 2]
    three = np.digitize(target, [-0.7, 0.7])
    two = (target > 0).astype(np.int64)
    fits = {
        "tree_classifier": (DecisionTreeClassifier(max_depth=5, random_state=0), three),
        "tree_regressor": (DecisionTreeRegressor(max_depth=5, random_state=0), target),
        "forest_classifier": (RandomForestClassifier(8, max_depth=4, random_state=0), three),
        "forest_binary": (RandomForestClassifier(8, max_depth=4, random_state=0), two),
        "forest_texts": (RandomForestClassifier(4, max_depth=4, random_state=0), np.array(["low", "mid", "high"])[three]),
        "forest_regressor": (RandomForestRegressor(8, max_depth=4, random_state=0), target),
        "extra_trees": (ExtraTreesClassifier(5, max_depth=4, random_state=0), three),
        "boosting_binary": (GradientBoostingClassifier(n_estimators=8, max_depth=3, random_state=0), two),
        "boosting_classifier": (GradientBoostingClassifier(n_estimators=8, max_depth=3, random_state=0), three),
        "boosting_regressor": (GradientBoostingRegressor(n_estimators=8, max_depth=3, random_state=0), target),
        "svc_rbf": (SVC(), three),
        "svc_binary": (SVC(kernel="poly", degree=2), two),
        "svc_sigmoid": (SVC(kernel="sigmoid"), three),
        "nu_svc": (NuSVC(), three),
        "svr": (SVR(), target),
        "svr_linear": (SVR(kernel="linear"), target),
        "linear_svc": (LinearSVC(), three),
        "linear_svc_binary": (LinearSVC(), two),
        "one_class": (OneClassSVM(), None),
        "imputer": (make_pipeline(SimpleImputer(), StandardScaler()), None),
    }
    try:
        fits["svc_probabilities"] = (SVC(probability=True, random_state=0), three)
        fits["svc_binary_probabilities"] = (SVC(probability=True, random_state=0), two)
    except TypeError:
        pass
    for name, (model, labels) in fits.items():
        model.fit(x) if labels is None else model.fit(x, labels)
        try:
            plain_scores = hasattr(model, "classes_") and not name.startswith("linear_svc")
            converted = to_onnx(model, x[:1], options={"zipmap": False} if plain_scores else None, target_opset={"": 17, "ai.onnx.ml": 3})
        except Exception as error:
            print(name, "is not converted:", str(error)[:200])
            continue
        onnx.save(converted, os.path.join(out, f"sklearn_{name}.onnx"))
        rows = uniform(9, 5)
        if name == "imputer":
            rows[2, 3] = np.nan
            rows[5, 0] = np.nan
        keep(f"sklearn_{name}", {"X": rows}, ulp=64)
    codes = rng.integers(0, 4, (60, 2))
    encoder = OneHotEncoder(handle_unknown="ignore").fit(codes)
    onnx.save(to_onnx(encoder, codes[:1], target_opset={"": 17, "ai.onnx.ml": 3}), os.path.join(out, "sklearn_one_hot.onnx"))
    keep("sklearn_one_hot", {"X": np.concatenate([codes[:5], np.array([[9, 1]])])})
    texts(codes)


def texts(codes):
    """Columns of texts: of their own, in a matrix, and with an encoder that knows no others."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    # Of its own, so that the cases after these stay as they are.
    random = np.random.default_rng(41)
    cities = np.array(["Berlin", "Ghent", "S\u00e3o Paulo", "no"], dtype=object)[codes]
    ages = random.integers(18, 90, (len(codes), 1)).astype(f32)
    ill = random.integers(0, 3, len(codes))
    names = np.array(["ill", "well", "yes"], dtype=object)[ill]
    columns = [("age", FloatTensorType([None, 1])), ("city", StringTensorType([None, 1])), ("home", StringTensorType([None, 1]))]
    table = {"age": ages, "city": cities[:, :1], "home": cities[:, 1:]}
    others = {"age": ages[:8], "city": cities[:8, :1].copy(), "home": cities[:8, 1:].copy()}
    others["city"][3] = others["home"][5] = "Lima"
    stacked = np.concatenate([ages, cities], axis=1)
    for name, encoder in {
        "one_hot": OneHotEncoder(handle_unknown="ignore"),
        "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        "strict": OneHotEncoder(),
    }.items():
        model = Pipeline([("columns", ColumnTransformer([("n", StandardScaler(), [0]), ("c", encoder, [1, 2])])), ("scores", LogisticRegression())])
        converted = convert_sklearn(model.fit(stacked, names), initial_types=columns, options={id(model): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})
        onnx.save(converted, os.path.join(out, f"sklearn_texts_{name}.onnx"))
        keep(f"sklearn_texts_{name}", table if name == "strict" else others, ulp=64)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(cities, ill)
    converted = convert_sklearn(model, initial_types=[("X", StringTensorType([None, 2]))], options={id(model): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})
    onnx.save(converted, os.path.join(out, "sklearn_texts_matrix.onnx"))
    keep("sklearn_texts_matrix", {"X": np.stack([others["city"][:, 0], others["home"][:, 0]], axis=1)}, ulp=64)


def quantised():
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    w, b = uniform(4, 2, 3, 3), uniform(4)
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Add", ["r", "s"], ["a"]),
        helper.make_node("GlobalAveragePool", ["a"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "g", "h"], ["l"], transB=1),
        helper.make_node("Sigmoid", ["l"], ["y"]),
    ]
    kept = [numpy_helper.from_array(v, k) for k, v in {"w": w, "b": b, "s": uniform(4, 1, 1), "g": uniform(3, 4), "h": uniform(3)}.items()]
    value = lambda k, shape: helper.make_tensor_value_info(k, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "q", [value("x", [1, 2, 6, 6])], [value("y", [1, 3])], kept)
    source = os.path.join(out, "float.onnx")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), source)

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.left = [{"x": uniform(1, 2, 6, 6)} for _ in range(8)]

        def get_next(self):
            return self.left.pop() if self.left else None

    # Weights of 7 bits, and pairs as they are written: ONNX Runtime's fused products saturate at 16 bits on processors without VNNI.
    for form, name in ((QuantFormat.QOperator, "quantised_operators"), (QuantFormat.QDQ, "quantised_pairs")):
        quantize_static(source, os.path.join(out, name + ".onnx"), Reader(), quant_format=form, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, reduce_range=True)
        keep(name, {"x": uniform(1, 2, 6, 6)}, optimised=False)
    os.remove(source)


if __name__ == "__main__":
    reported(sys.argv[1] if len(sys.argv) > 1 else None)
    models()
    recurrent()
    branches()
    sklearn_models()
    quantised()
    with open(pack, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
        packed.write(json.dumps(records, separators=(",", ":")).encode())
    print(len(records), "cases,", os.path.getsize(pack), "bytes")
