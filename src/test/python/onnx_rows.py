"""Writes golden/onnx/rows.json: files of random operators, many of them over the rows.

Run with /usr/bin/python3 (onnx 1.17, onnxruntime 1.21, seed 1). For each file, ONNX Runtime's answers
for rows that are computed together and for each row alone, and whether they differ for any of many
rows: then its rows depend on each other. `onnx_rows.py COUNT FILE SEED` writes others elsewhere,
without the answers.
"""

import base64
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parents[1] / "resources/golden/onnx"
N = "n"
onnxruntime.set_default_logger_severity(4)


class Draft:
    """A file that is drawn operator by operator; lengths are numbers or N."""

    def __init__(self, random):
        self.random = random
        self.nodes, self.constants, self.count = [], [], 0
        self.shapes = {"x": (N,) + tuple(int(i) for i in random.integers(2, 4, random.integers(1, 3)))}
        self.row = self.shapes["x"][1:]

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]

    def new(self, shape=None):
        self.count += 1
        name = f"v{self.count}"
        if shape is not None:
            self.shapes[name] = tuple(shape)
        return name

    def constant(self, array):
        name = self.new()
        self.constants.append(numpy_helper.from_array(numpy.asarray(array), name))
        return name

    def add(self, operator, inputs, shape=None, outputs=1, **attributes):
        names = [self.new(shape)] + [self.new() for _ in range(outputs - 1)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0]

    def floats(self, *shape):
        return self.constant(self.random.normal(size=shape).astype("f4"))

    def wholes(self, *values):
        return self.constant(numpy.array(values, "i8"))

    def axis(self, x):
        return int(self.random.integers(len(self.shapes[x])))

    def likely_other(self, x):
        """An axis, that of the rows in one case of four."""
        axes = [i for i, d in enumerate(self.shapes[x]) if d != N]
        return self.axis(x) if not axes or self.random.random() < 0.4 else self.pick(*axes)

    def broadcast(self, operator, a, b):
        left, right = self.shapes[a], self.shapes[b]
        rank = max(len(left), len(right))
        left, right = (1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right
        shape = []
        for p, q in zip(left, right):
            if p != q and 1 not in (p, q):
                return None
            shape.append(q if p == 1 else p)
        return self.add(operator, [a, b], shape)

    def step(self):
        x = self.pick(*[v for v in self.shapes])
        shape = self.shapes[x]
        rank = len(shape)
        kind = self.pick(
            "unary", "constant", "two", "two", "reduce", "reduce", "softmax", "argmax", "cumsum", "topk",
            "transpose", "flat", "merge", "split", "slice", "gather", "lookup", "matmul", "self",
            "where", "size", "filled", "expand", "norm", "layernorm", "instance", "conv", "lstm",
            "unsqueeze", "squeeze", "quantize", "pad", "tile", "einsum", "concat", "arrange", "clip",
            "gatherelements", "onehot", "flatten", "shapes", "gemm", "pool", "upconv", "gru", "depth", "trilu",
            "gathernd", "resize", "counted",
        )
        if kind == "unary":
            return self.add(self.pick("Relu", "Tanh", "Sigmoid", "Abs", "Neg", "Identity"), [x], shape)
        if kind == "constant" and rank:
            dims = [self.pick(1, d) if d != N else 1 for d in shape][self.random.integers(rank):]
            name = self.floats(*dims)
            return self.add(self.pick("Add", "Mul", "Sub", "Max"), [x, name], shape)
        if kind == "two":
            return self.broadcast(self.pick("Add", "Mul", "Sub", "Min"), x, self.pick(*self.shapes))
        if kind == "reduce" and rank:
            axis, keep = self.likely_other(x), int(self.random.integers(2))
            operator = self.pick("ReduceMean", "ReduceMax", "ReduceSum", "ReduceL2", "ReduceMin")
            out = [1 if i == axis else d for i, d in enumerate(shape) if keep or i != axis]
            return self.add(operator, [x, self.wholes(axis)], out, keepdims=keep)
        if kind == "softmax" and rank:
            return self.add(self.pick("Softmax", "LogSoftmax", "Hardmax"), [x], shape, axis=self.likely_other(x))
        if kind == "argmax" and rank:
            axis = self.likely_other(x)
            out = [1 if i == axis else d for i, d in enumerate(shape)]
            wholes = self.add(self.pick("ArgMax", "ArgMin"), [x], axis=axis)
            return self.add("Cast", [wholes], out, to=TensorProto.FLOAT)
        if kind == "cumsum" and rank:
            axis = self.constant(numpy.array(self.likely_other(x), "i8"))
            return self.add("CumSum", [x, axis], shape, reverse=int(self.random.integers(2)))
        if kind == "topk" and rank:
            axis = self.likely_other(x)
            out = [1 if i == axis else d for i, d in enumerate(shape)]
            return self.add("TopK", [x, self.wholes(1)], out, 2, axis=axis)
        if kind == "transpose" and rank > 1:
            perm = [int(i) for i in self.random.permutation(rank)]
            return self.add("Transpose", [x], [shape[i] for i in perm], perm=perm)
        if kind == "flat" and rank > 1 and shape[0] == N:
            width = int(numpy.prod(shape[1:]))
            target = self.wholes(self.pick(-1, 0), width)
            return self.add("Reshape", [x, target], [N, width])
        if kind == "merge" and rank == 3 and shape[0] == N:
            wide = self.add("Reshape", [x, self.wholes(-1, shape[2])])
            inner = self.add("Softmax", [wide], axis=self.pick(1, 1, 1, 0))
            return self.add("Reshape", [inner, self.wholes(-1, shape[1], shape[2])], shape)
        if kind == "arrange" and rank == 2 and N in shape and shape[0] != shape[1]:
            other = shape[1] if shape[0] == N else shape[0]
            return self.add("Reshape", [x, self.wholes(-1, other)], [N, other])
        if kind == "split" and rank:
            axis = self.likely_other(x)
            if shape[axis] not in (N, 1):
                out = [1 if i == axis else d for i, d in enumerate(shape)]
                sizes = self.wholes(1, shape[axis] - 1)
                return self.add("Split", [x, sizes], out, 2, axis=axis)
        if kind == "slice" and rank:
            axis = self.likely_other(x)
            if shape[axis] == N and self.random.random() < 0.5:
                ends = self.wholes(2**31 - 1)
                return self.add("Slice", [x, self.wholes(0), ends, self.wholes(axis)], shape)
            out = [1 if i == axis else d for i, d in enumerate(shape)]
            return self.add("Slice", [x, self.wholes(0), self.wholes(1), self.wholes(axis)], out)
        if kind == "gather" and rank:
            axis = self.likely_other(x)
            out = [2 if i == axis else d for i, d in enumerate(shape)]
            return self.add("Gather", [x, self.wholes(0, -1)], out, axis=axis)
        if kind == "lookup":
            scaled = self.add("Clip", [x, self.constant(numpy.float32(0)), self.constant(numpy.float32(4))])
            index = self.add("Cast", [scaled], to=TensorProto.INT64)
            return self.add("Gather", [self.floats(5, 2), index], shape + (2,))
        if kind == "matmul" and rank > 1 and shape[-1] != N:
            return self.add("MatMul", [x, self.floats(shape[-1], 3)], shape[:-1] + (3,))
        if kind == "self" and rank == 2 and shape[0] == N and shape[1] != N:
            other = self.add("Transpose", [x], perm=[1, 0])
            products = self.add("MatMul", [x, other])
            return self.add("MatMul", [products, x], shape)
        if kind == "where":
            test = self.add("Greater", [x, self.constant(numpy.float32(0.3))])
            return self.add("Where", [test, x, self.constant(numpy.float32(-1))], shape)
        if kind == "size":
            counts = self.add("Shape", [x])
            first = self.add("Gather", [counts, self.wholes(0)])
            number = self.add("Cast", [first], to=TensorProto.FLOAT)
            return self.add("Div", [x, number], shape) if rank else None
        if kind == "filled" and rank:
            zeros = self.add("ConstantOfShape", [self.add("Shape", [x])],
                             value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.5]))
            return self.add("Add", [x, zeros], shape)
        if kind == "expand" and rank:
            target = self.add("Shape", [x])
            return self.add("Expand", [self.floats(*[1 if d == N else d for d in shape]), target], shape)
        if kind == "norm" and rank > 1 and shape[0] == N and shape[1] != N:
            channels = [self.floats(shape[1]) for _ in range(3)]
            variance = self.constant(numpy.ones(shape[1], "f4"))
            training = int(self.random.random() < 0.4)
            return self.add("BatchNormalization", [x, *channels, variance], shape, 3 if training else 1,
                            training_mode=training)
        if kind == "layernorm" and rank and shape[-1] not in (N, 1):
            return self.add("LayerNormalization", [x, self.floats(shape[-1])], shape, axis=-1)
        if kind == "instance" and rank == 3 and N not in shape[1:]:
            scale, bias = self.floats(shape[1]), self.floats(shape[1])
            return self.add("InstanceNormalization", [x, scale, bias], shape)
        if kind == "conv" and rank == 3 and shape[0] == N and shape[2] != N and shape[1] != N:
            return self.add("Conv", [x, self.floats(2, shape[1], 2)], [N, 2, shape[2] + 1], pads=[1, 1])
        if kind == "lstm" and rank == 3 and shape[0] == N and N not in shape[1:]:
            steps = x
            if self.random.random() < 0.8:
                steps = self.add("Transpose", [x], perm=[1, 0, 2])
                out = [shape[1], 1, N, 2]
            else:
                out = [N, 1, shape[1], 2]
            return self.add("LSTM", [steps, self.floats(1, 8, shape[2]), self.floats(1, 8, 2)], out, hidden_size=2)
        if kind == "gemm" and rank == 2 and N in shape and shape[0] != shape[1]:
            turned = int(self.random.random() < 0.7) if shape[1] == N else int(self.random.random() < 0.2)
            rows, inner = (shape[1], shape[0]) if turned else shape
            if inner == N:
                return None
            return self.add("Gemm", [x, self.floats(2, inner), self.floats(2)], [rows, 2], transA=turned, transB=1)
        if kind == "pool" and rank == 3 and N in shape:
            operator = self.pick("MaxPool", "AveragePool", "LpPool", "GlobalMaxPool", "GlobalAveragePool")
            if operator.startswith("Global"):
                return self.add(operator, [x], (*shape[:2], 1))
            if shape[2] != N:
                return self.add(operator, [x], (*shape[:2], shape[2] - 1), kernel_shape=[2]) if shape[2] > 1 else None
            return self.add(operator, [x], shape, kernel_shape=[3], pads=[1, 1])
        if kind == "upconv" and rank == 3 and shape[0] == N and shape[2] != N and shape[1] != N:
            return self.add("ConvTranspose", [x, self.floats(shape[1], 2, 2)], [N, 2, 2 * shape[2]], strides=[2])
        if kind == "gru" and rank == 3 and shape[0] == N and N not in shape[1:]:
            operator, gates = self.pick(("GRU", 3), ("RNN", 1))
            steps, out = x, [N, 1, shape[1], 2]
            if self.random.random() < 0.8:
                steps, out = self.add("Transpose", [x], perm=[1, 0, 2]), [shape[1], 1, N, 2]
            weights = [self.floats(1, 2 * gates, shape[2]), self.floats(1, 2 * gates, 2)]
            return self.add(operator, [steps, *weights], out, hidden_size=2)
        if kind == "depth" and rank == 3 and shape[0] == N and N not in shape[1:]:
            # [N, C, L] -> [N, 4, L, C] -> [N, 1, 2L, 2C] and back.
            wide = self.add("Einsum", [x, self.floats(4)], equation="ncl,k->nklc")
            deep = self.add("DepthToSpace", [wide], blocksize=2)
            if self.random.random() < 0.5:
                return self.add("SpaceToDepth", [deep], [N, 4, shape[2], shape[1]], blocksize=2)
            return self.add("Squeeze", [deep, self.wholes(1)], [N, 2 * shape[2], 2 * shape[1]])
        if kind == "trilu" and rank > 1 and N in shape:
            return self.add("Trilu", [x], shape, upper=int(self.random.integers(2)))
        if kind == "gathernd" and rank and N in shape:
            scaled = self.add("Clip", [x, self.constant(numpy.float32(0)), self.constant(numpy.float32(4))])
            index = self.add("Unsqueeze", [self.add("Cast", [scaled], to=TensorProto.INT64), self.wholes(rank)])
            return self.add("GatherND", [self.floats(5, 2), index], shape + (2,))
        if kind == "resize" and rank in (2, 3) and shape[0] == N and N not in shape[1:]:
            mode = self.pick("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel", "tf_crop_and_resize")
            roi = ""
            if mode == "tf_crop_and_resize":
                roi = self.constant(numpy.array([0.4] + [0] * (rank - 1) + [1] * rank, "f4"))
            count = self.add("Shape", [x], start=0, end=1)
            length = shape[-1] + int(self.random.integers(3))
            sizes = self.add("Concat", [count, self.wholes(*shape[1:-1], length)], axis=0)
            return self.add("Resize", [x, roi, "", sizes], (*shape[:-1], length), mode=self.pick("nearest", "linear"),
                            coordinate_transformation_mode=mode)
        if kind == "counted" and rank > 1 and shape[0] == N and N not in shape[1:]:
            # An axis that whole numbers come to, with 32 bits or with a step.
            how = self.pick("cast", "product", "slice", "byte", "negative")
            if how == "cast":
                value = self.add("Cast", [self.wholes(2**32 + int(self.random.integers(2)))], to=TensorProto.INT32)
            elif how == "product":
                other = self.pick(65536, 1)
                value = self.constant(numpy.array([other], "i4"))
                value = self.add("Sub", [self.add("Mul", [value, value]), self.constant(numpy.array([0], "i4"))])
            elif how == "byte":
                name = self.new()
                tensor = TensorProto(name=name, data_type=TensorProto.UINT8, dims=[1])
                tensor.int32_data.append(self.pick(256, 1))
                self.constants.append(tensor)
                value = name
            elif how == "slice":
                ends = [self.wholes(3), "", self.wholes(self.pick(1, 2))]
                part = self.add("Slice", [self.wholes(9, 1, 0), self.wholes(0), *ends])
                value = self.add("Gather", [part, self.wholes(1)])
            else:
                count = self.add("Mul", [self.add("Shape", [x], start=0, end=1), self.wholes(-1)])
                same = self.add("Equal", [count, self.wholes(self.pick(-5, 7))])
                value = self.add("Where", [same, self.wholes(0), self.wholes(1)])
            axis = self.add("Cast", [value], to=TensorProto.INT64)
            out = (shape[0], 1, *shape[2:])
            return self.add("ReduceSum", [x, axis], out, keepdims=1)
        if kind == "unsqueeze" and rank < 4:
            axis = int(self.random.integers(rank + 1))
            return self.add("Unsqueeze", [x, self.wholes(axis)], shape[:axis] + (1,) + shape[axis:])
        if kind == "squeeze" and 1 in shape:
            axis = shape.index(1)
            return self.add("Squeeze", [x, self.wholes(axis)], shape[:axis] + shape[axis + 1:])
        if kind == "quantize":
            self.count += 3
            names = [f"q{self.count}_{i}" for i in range(3)]
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [x], names))
            return self.add("DequantizeLinear", names, shape)
        if kind == "pad" and rank:
            axis = self.likely_other(x)
            if shape[axis] != N:
                pads = [0] * (2 * rank)
                pads[axis] = 1
                out = [d + 1 if i == axis else d for i, d in enumerate(shape)]
                return self.add("Pad", [x, self.wholes(*pads)], out)
        if kind == "tile" and rank:
            axis = self.likely_other(x)
            if shape[axis] != N:
                repeats = [2 if i == axis else 1 for i in range(rank)]
                out = [2 * d if i == axis else d for i, d in enumerate(shape)]
                return self.add("Tile", [x, self.wholes(*repeats)], out)
        if kind == "einsum" and rank == 2 and shape[1] != N and shape[0] == N:
            if self.random.random() < 0.7:
                return self.add("Einsum", [x, self.floats(shape[1], 2)], [N, 2], equation="ni,ij->nj")
            return self.add("Einsum", [x, x], [shape[1], shape[1]], equation="ni,nj->ij")
        if kind == "concat" and rank:
            axis = self.likely_other(x)
            if shape[axis] != N:
                out = [2 * d if i == axis else d for i, d in enumerate(shape)]
                return self.add("Concat", [x, x], out, axis=axis)
        if kind == "clip":
            return self.add("Clip", [x, self.constant(numpy.float32(-1)), self.constant(numpy.float32(1))], shape)
        if kind == "gatherelements" and rank:
            axis = self.likely_other(x)
            best = self.add("ArgMax", [x], axis=axis)
            out = [1 if i == axis else d for i, d in enumerate(shape)]
            return self.add("GatherElements", [x, best], out, axis=axis)
        if kind == "onehot" and rank < 3:
            index = self.add("Cast", [self.add("Abs", [x])], to=TensorProto.INT64)
            axis = int(self.random.integers(rank + 1))
            values = self.constant(numpy.array([0, 1], "f4"))
            return self.add("OneHot", [index, self.constant(numpy.array(3, "i8")), values],
                            shape[:axis] + (3,) + shape[axis:], axis=axis)
        if kind == "flatten" and rank > 1 and shape[0] == N:
            return self.add("Flatten", [x], [N, int(numpy.prod(shape[1:]))])
        if kind == "shapes" and rank == 3 and shape[0] == N and N not in shape[1:]:
            # As torch writes x.view(x.size(0), -1).
            first = self.add("Gather", [self.add("Shape", [x]), self.constant(numpy.array(0, "i8"))], axis=0)
            target = self.add("Concat", [self.add("Unsqueeze", [first, self.wholes(0)]), self.wholes(-1)], axis=0)
            return self.add("Reshape", [x, target], [N, shape[1] * shape[2]])
        return None

    def finished(self):
        """The file; None when the last value has no axis of rows."""
        last = [name for name in self.shapes if name != "x"]
        if not last:
            return None
        y = last[-1]
        shape = self.shapes[y]
        if shape.count(N) != 1:
            total = self.add("ReduceMean", [y], (), keepdims=0)
            y = self.add("Add", ["x", total], self.shapes["x"])
        elif shape[0] != N:
            perm = [shape.index(N)] + [i for i, d in enumerate(shape) if d != N]
            y = self.add("Transpose", [y], [shape[i] for i in perm], perm=perm)
        shape = self.shapes[y]
        self.nodes.append(helper.make_node("Identity", [y], ["y"]))
        graph = helper.make_graph(
            self.nodes,
            "drawn",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [N, *self.row])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [N, *shape[1:]])],
            self.constants,
        )
        # Only what leads to the output.
        needed, kept = {"y"}, []
        for node in reversed(graph.node):
            if any(name in needed for name in node.output):
                needed.update(node.input)
                kept.insert(0, node)
        del graph.node[:]
        graph.node.extend(kept)
        constants = [each for each in graph.initializer if each.name in needed]
        del graph.initializer[:]
        graph.initializer.extend(constants)
        if "x" not in needed:
            return None
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


def equal(a, b):
    return a.shape == b.shape and numpy.allclose(a, b, 1e-3, 1e-4, equal_nan=True)


def drawn(random):
    """A file with rows and answers; None when ONNX Runtime refuses it."""
    draft = Draft(random)
    try:
        for _ in range(random.integers(2, 9)):
            draft.step()
        model = draft.finished()
        if model is None:
            return None
        run = session(model)
        mixes = False
        for _ in range(20):
            rows = (random.normal(size=(5, *draft.row)) * random.choice([0.2, 1, 4])).astype("f4")
            alone = [run.run(None, {"x": rows[i : i + 1]})[0] for i in range(5)]
            for order in ([0, 1, 2, 3, 4], [3, 0], [4, 2, 1], [2, 2]):
                together = run.run(None, {"x": rows[order]})[0]
                mixes |= not equal(together, numpy.concatenate([alone[i] for i in order]))
        if not all(numpy.isfinite(each).all() and numpy.abs(each).max() < 1e6 for each in alone):
            return None
        together = run.run(None, {"x": rows})[0]
    except Exception:
        return None
    if alone[0].size > 60 or not numpy.isfinite(together).all():
        return None
    return {
        "file": base64.b64encode(model.SerializeToString()).decode(),
        "operators": " ".join(node.op_type for node in model.graph.node),
        "mixes": bool(mixes),
        "rows": rows.astype("f8").round(7).tolist(),
        "together": together.astype("f8").round(6).tolist(),
        "alone": [each[0].astype("f8").round(6).tolist() for each in alone],
    }


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    random = numpy.random.default_rng(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    files, seen = [], set()
    while len(files) < count:
        file = drawn(random)
        if file and file["operators"] not in seen:
            seen.add(file["operators"])
            files.append(file)
    if len(sys.argv) > 2:
        for file in files:
            for answer in ("rows", "together", "alone"):
                del file[answer]
        pathlib.Path(sys.argv[2]).write_text(json.dumps(files))
    else:
        (FOLDER / "rows.json").write_text(json.dumps(files, indent=None) + "\n")
    print(sum(file["mixes"] for file in files), "of", count, "mix rows")


main()
