"""Writes golden/onnx: files as other tools export them, and what they compute.

Run with /usr/bin/python3 (torch 2.6, onnx 1.17, onnxruntime 1.21, seed 1). Networks of PyTorch are
exported by torch.onnx.export, with the values that PyTorch computes; scikit-learn's and Keras's
converters are not packaged, so files like theirs are made by onnx.helper, with the values of
scikit-learn and of NumPy.
"""

import json
import pathlib
import warnings

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parents[1] / "resources/golden/onnx"
FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING

torch.manual_seed(1)
random = numpy.random.default_rng(1)
golden = {}


def rounded(array):
    return numpy.asarray(array, "f8").round(7).tolist()


def exported(name, module, *rows):
    """A PyTorch module with a batch axis of any length."""
    module.eval()
    inputs = [f"in.{i}" for i in range(len(rows))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            rows,
            FOLDER / f"{name}.onnx",
            input_names=inputs,
            output_names=["out"],
            dynamic_axes={each: {0: "batch"} for each in [*inputs, "out"]},
            opset_version=17,
        )
    golden[name] = {
        "inputs": {f"in_{i}": row.tolist() for i, row in enumerate(rows)},
        "outputs": {"out": rounded(module(*rows).detach().numpy())},
    }


def made(name, nodes, inputs, outputs, constants=(), opsets=(("", 17),), **more):
    graph = helper.make_graph(
        nodes, name, inputs, outputs, [numpy_helper.from_array(v, k) for k, v in constants]
    )
    sets = [helper.make_opsetid(domain, version) for domain, version in opsets]
    model = helper.make_model(graph, opset_imports=sets, ir_version=8, **more)
    onnx.save(model, FOLDER / f"{name}.onnx")
    return model


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape)


class Reader(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(7, 4)
        self.lstm = torch.nn.LSTM(4, 3, batch_first=True, bidirectional=True)
        self.out = torch.nn.Linear(6, 2)

    def forward(self, words):
        states, _ = self.lstm(self.table(words))
        return self.out(states[:, -1])


class Siamese(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.map = torch.nn.Linear(3, 4)

    def forward(self, a, b):
        return torch.tanh(self.map(a)) * torch.tanh(self.map(b))


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = torch.nn.MultiheadAttention(4, 2, batch_first=True)
        self.norm = torch.nn.LayerNorm(4)

    def forward(self, x):
        return self.norm(x + self.attention(x, x, x, need_weights=True)[0])


def networks_of_pytorch():
    exported(
        "mlp",
        torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3)),
        torch.randn(3, 4),
    )
    exported(
        "cnn",
        torch.nn.Sequential(
            torch.nn.Conv2d(1, 2, 3, padding=1),
            torch.nn.BatchNorm2d(2),
            torch.nn.SiLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(18, 2),
            torch.nn.Softmax(-1),
        ),
        torch.randn(2, 1, 6, 6),
    )
    exported("reader", Reader(), torch.randint(0, 7, (2, 5)))
    exported("siamese", Siamese(), torch.randn(2, 3), torch.randn(2, 3))
    exported(
        "attention",
        Attention(),
        torch.randn(2, 3, 4),
    )


def classical_models():
    """As skl2onnx writes a logistic regression and a tree, without ZipMap."""
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeRegressor

    x, y = load_iris(return_X_y=True)
    x = x.astype("f4")
    logistic = LogisticRegression(max_iter=500).fit(x, y)
    made(
        "iris",
        [
            helper.make_node(
                "LinearClassifier",
                ["X"],
                ["label", "scores"],
                domain="ai.onnx.ml",
                coefficients=logistic.coef_.ravel().tolist(),
                intercepts=logistic.intercept_.tolist(),
                classlabels_ints=[0, 1, 2],
                multi_class=1,
                post_transform="SOFTMAX",
            ),
            helper.make_node("Identity", ["scores"], ["probabilities"]),
        ],
        [value("X", FLOAT, None, 4)],
        [value("label", INT64, None), value("probabilities", FLOAT, None, 3)],
        opsets=(("", 17), ("ai.onnx.ml", 1)),
    )
    rows = x[[0, 60, 120]]
    golden["iris"] = {
        "inputs": {"X": rows.tolist()},
        "outputs": {
            "label": rounded(logistic.predict(rows)),
            "probabilities": rounded(logistic.predict_proba(rows)),
        },
    }
    names = ["setosa", "versicolor", "virginica"]
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(STRING, helper.make_tensor_type_proto(FLOAT, []))
    )
    made(
        "zipmap",
        [
            helper.make_node(
                "LinearClassifier",
                ["X"],
                ["label", "scores"],
                domain="ai.onnx.ml",
                coefficients=logistic.coef_.ravel().tolist(),
                intercepts=logistic.intercept_.tolist(),
                classlabels_strings=names,
                multi_class=1,
                post_transform="SOFTMAX",
            ),
            helper.make_node("Normalizer", ["scores"], ["probabilities"], domain="ai.onnx.ml", norm="L1"),
            helper.make_node("Identity", ["label"], ["output_label"]),
            helper.make_node(
                "ZipMap",
                ["probabilities"],
                ["output_probability"],
                domain="ai.onnx.ml",
                classlabels_strings=names,
            ),
        ],
        [value("X", FLOAT, None, 4)],
        [value("output_label", STRING, None), helper.make_value_info("output_probability", maps)],
        opsets=(("", 17), ("ai.onnx.ml", 1)),
    )
    golden["zipmap"] = {
        "inputs": {"X": rows.tolist()},
        "outputs": {"output_probability": rounded(logistic.predict_proba(rows))},
    }
    tree = DecisionTreeRegressor(max_depth=3, random_state=1).fit(x[:, :3], x[:, 3])
    nodes = tree.tree_
    leaf = nodes.children_left < 0
    count = len(leaf)
    made(
        "tree",
        [
            helper.make_node(
                "TreeEnsembleRegressor",
                ["X"],
                ["variable"],
                domain="ai.onnx.ml",
                n_targets=1,
                nodes_treeids=[0] * count,
                nodes_nodeids=list(range(count)),
                nodes_featureids=[max(f, 0) for f in nodes.feature.tolist()],
                nodes_modes=["LEAF" if each else "BRANCH_LEQ" for each in leaf],
                nodes_values=numpy.where(leaf, 0, nodes.threshold).tolist(),
                nodes_truenodeids=numpy.where(leaf, 0, nodes.children_left).tolist(),
                nodes_falsenodeids=numpy.where(leaf, 0, nodes.children_right).tolist(),
                target_treeids=[0] * int(leaf.sum()),
                target_nodeids=numpy.flatnonzero(leaf).tolist(),
                target_ids=[0] * int(leaf.sum()),
                target_weights=nodes.value[leaf].ravel().tolist(),
            )
        ],
        [value("X", FLOAT, None, 3)],
        [value("variable", FLOAT, None, 1)],
        opsets=(("", 17), ("ai.onnx.ml", 1)),
    )
    golden["tree"] = {
        "inputs": {"X": x[[0, 60, 120], :3].tolist()},
        "outputs": {"variable": rounded(tree.predict(x[[0, 60, 120], :3]).reshape(-1, 1))},
    }


def network_like_keras():
    """As tf2onnx writes a convolution: channels last outside, first inside."""
    kernel = random.normal(size=(2, 1, 2, 2)).astype("f4")
    matrix = random.normal(size=(8, 2)).astype("f4")
    image = random.normal(size=(2, 3, 3, 1)).astype("f4")
    made(
        "keras",
        [
            helper.make_node("Transpose", ["conv2d_input:0"], ["t"], perm=[0, 3, 1, 2]),
            helper.make_node("Conv", ["t", "k"], ["c"], kernel_shape=[2, 2]),
            helper.make_node("Relu", ["c"], ["r"]),
            helper.make_node("Transpose", ["r"], ["b"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", ["b", "flat"], ["f"]),
            helper.make_node("MatMul", ["f", "m"], ["Identity:0"]),
        ],
        [value("conv2d_input:0", FLOAT, "unk__1", 3, 3, 1)],
        [value("Identity:0", FLOAT, "unk__2", 2)],
        [("k", kernel), ("m", matrix), ("flat", numpy.array([-1, 8], "i8"))],
    )
    windows = numpy.stack(
        [image[:, i : i + 2, j : j + 2, 0] for i in (0, 1) for j in (0, 1)], 1
    )
    maps = numpy.einsum("npij,cij->npc", windows, kernel[:, 0]).clip(0)
    golden["keras"] = {
        "inputs": {"conv2d_input_0": image.tolist()},
        "outputs": {"Identity_0": rounded(maps.reshape(2, 8) @ matrix)},
    }


def other_types():
    """A batch of one row, doubles, and an open axis that the caller gives."""
    made(
        "single",
        [helper.make_node("ReduceSum", ["x"], ["s"], keepdims=1, axes=None)],
        [value("x", FLOAT, 1, 3)],
        [value("s", FLOAT, 1, 1)],
    )
    golden["single"] = {
        "inputs": {"x": [[1, 2, 3], [4, 5, 6]]},
        "outputs": {"s": [[6], [15]]},
    }
    made(
        "doubles",
        [
            helper.make_node("Cast", ["i"], ["d"], to=TensorProto.DOUBLE),
            helper.make_node("Add", ["d", "x"], ["y"]),
        ],
        [
            value("i", TensorProto.INT32, "n", 2),
            value("x", TensorProto.DOUBLE, "n", 2),
        ],
        [value("y", TensorProto.DOUBLE, "n", 2)],
    )
    golden["doubles"] = {
        "inputs": {"i": [[1, 2], [3, 4]], "x": [[0.5, 0.25], [1, 2]]},
        "outputs": {"y": [[1.5, 2.25], [4, 6]]},
    }
    made(
        "kinds",
        [
            helper.make_node("Add", ["i", "one"], ["next"]),
            helper.make_node("Cast", ["i"], ["d"], to=TensorProto.DOUBLE),
            helper.make_node("Div", ["d", "three"], ["third"]),
            helper.make_node("And", ["b", "b"], ["both"]),
            helper.make_node("Cast", ["i"], ["s"], to=TensorProto.INT32),
            helper.make_node("Mul", ["s", "two"], ["twice"]),
        ],
        [value("i", INT64, "n", 2), value("b", TensorProto.BOOL, "n", 2)],
        [
            value("next", INT64, "n", 2),
            value("third", TensorProto.DOUBLE, "n", 2),
            value("both", TensorProto.BOOL, "n", 2),
            value("twice", TensorProto.INT32, "n", 2),
        ],
        [
            ("one", numpy.array(1, "i8")),
            ("three", numpy.array(3, "f8")),
            ("two", numpy.array(2, "i4")),
        ],
    )
    made(
        "open",
        [helper.make_node("Relu", ["x"], ["y"])],
        [value("x", FLOAT, "n", "steps", 2)],
        [value("y", FLOAT, "n", "steps", 2)],
    )


def refused():
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["again"]),
            helper.make_node("Add", ["v", "v"], ["w"]),
        ],
        "body",
        [
            value("i", INT64),
            value("go", TensorProto.BOOL),
            value("v", FLOAT, None, 2),
        ],
        [value("again", TensorProto.BOOL), value("w", FLOAT, None, 2)],
    )
    x, y = value("x", FLOAT, "n", 2), value("y", FLOAT, "n", 2)
    made(
        "loop",
        [helper.make_node("Loop", ["many", "", "x"], ["y"], body=body)],
        [x],
        [y],
        [("many", numpy.array(2**60, "i8"))],
    )
    made("custom", [helper.make_node("Own", ["x"], ["y"], domain="com.own")], [x], [y],
         opsets=(("", 17), ("com.own", 1)))
    made(
        "function",
        [helper.make_node("Twice", ["x"], ["y"], domain="local")],
        [x],
        [y],
        opsets=(("", 17), ("local", 1)),
        functions=[
            helper.make_function(
                "local",
                "Twice",
                ["a"],
                ["b"],
                [helper.make_node("Add", ["a", "a"], ["b"])],
                [helper.make_opsetid("", 17)],
            )
        ],
    )
    made("random", [helper.make_node("RandomNormalLike", ["x"], ["y"])], [x], [y])
    made(
        "batch",
        [helper.make_node("Relu", ["x"], ["y"])],
        [value("x", FLOAT, 2, 2)],
        [value("y", FLOAT, 2, 2)],
    )
    made(
        "texts",
        [helper.make_node("Identity", ["x"], ["y"])],
        [value("x", STRING, "n", 2)],
        [value("y", STRING, "n", 2)],
    )
    made(
        "bomb",
        [
            helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
            helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
            helper.make_node("Add", ["x", "sum"], ["y"]),
        ],
        [x],
        [y],
        [("shape", numpy.array([1 << 40], "i8"))],
    )
    made(
        "doubling",
        [
            helper.make_node("Concat", ["x" if i == 0 else f"d{i}"] * 2, [f"d{i + 1}"], axis=1)
            for i in range(40)
        ]
        + [
            helper.make_node("ReduceSum", ["d40", "last"], ["sum"], keepdims=1),
            helper.make_node("Add", ["x", "sum"], ["y"]),
        ],
        [x],
        [y],
        [("last", numpy.array([1], "i8"))],
    )
    made(
        "long",
        [
            helper.make_node("Unsqueeze", ["x", "axis"], ["u"]),
            helper.make_node("Expand", ["u", "wide"], ["m0"]),
        ]
        + [helper.make_node("Sin", [f"m{i}"], [f"m{i + 1}"]) for i in range(2000)]
        + [helper.make_node("ReduceMean", ["m2000"], ["y"], axes=[2], keepdims=0)],
        [x],
        [y],
        [("axis", numpy.array([2], "i8")), ("wide", numpy.array([1, 1, 2000000], "i8"))],
    )
    external = onnx.load(FOLDER / "keras.onnx")
    for tensor in external.graph.initializer:
        onnx.external_data_helper.set_external_data(tensor, "../../../../etc/passwd")
        tensor.ClearField("raw_data")
    (FOLDER / "external.onnx").write_bytes(external.SerializeToString())
    transposed = made(
        "padded",
        [
            helper.make_node(
                "ConvTranspose", ["x", "k"], ["y"], strides=[1, 1], output_padding=[1, 1],
                dilations=[2, 2],
            )
        ],
        [value("x", FLOAT, "n", 1, 2, 2)],
        [value("y", FLOAT, "n", 1, 5, 5)],
        [("k", numpy.ones((1, 1, 2, 2), "f4"))],
    )
    assert transposed


FOLDER.mkdir(exist_ok=True)
networks_of_pytorch()
classical_models()
network_like_keras()
other_types()
refused()
(FOLDER / "values.json").write_text(json.dumps(golden, indent=1) + "\n")
