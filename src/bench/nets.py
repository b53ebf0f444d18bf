"""The nets whose training steps are measured, as the service's layers; the peer builds the same from them."""


def dense(units, activation="linear"):
    return {"type": "dense", "units": units, "activation": activation}


class Net:
    """
    `shape` is that of a row, `target` what follows from it: "class", "number" or "input".
    `most` is the goal for the step as a multiple of its roofline, where there is one.
    """

    def __init__(self, batch, steps, shape, target, loss, layers, most=None, precision="float32"):
        self.batch, self.steps, self.shape, self.target = batch, steps, shape, target
        self.loss, self.layers, self.most, self.precision = loss, layers, most, precision

    @property
    def rows(self):
        return self.batch * self.steps


def wide(precision):
    return Net(128, 8, [1024], "class", "categorical_crossentropy",
               [dense(2048, "relu"), dense(2048, "relu"), dense(10, "softmax")], precision=precision)


def realmlp(features):
    """The recipe's layers for numbers and ten classes."""
    layers = [{"type": "periodic_embedding", "frequencies": 16, "sigma": 0.1, "dim": 4}, {"type": "feature_scale"}]
    for _ in range(3):
        layers += [{**dense(256, {"function": "selu", "learned": True}), "parametrization": "ntk"}, {"type": "dropout", "rate": 0.15}]
    return Net(256, 40, [features], "class", "categorical_crossentropy", [*layers, {**dense(10, "softmax"), "parametrization": "ntk"}])


NETS = {
    "2-2-1": Net(4, 200, [2], "number", "mse", [dense(2, "tanh"), dense(1)]),
    "13-10-10-1": Net(64, 100, [13], "number", "mse", [dense(10, "tanh"), dense(10, "tanh"), dense(1)]),
    "autoencoder": Net(64, 100, [13], "input", "mse",
                       [dense(10, "sigmoid"), dense(10, "sigmoid"), dense(10, "sigmoid"), dense(13)]),
    "mlp": Net(128, 40, [784], "class", "categorical_crossentropy",
               [dense(512, "relu"), dense(256, "relu"), dense(10, "softmax")], most=1.5),
    "cnn": Net(64, 10, [28, 28, 1], "class", "categorical_crossentropy",
               [{"type": "conv2d", "filters": 32, "kernel_size": 3, "activation": "relu"}, {"type": "max_pool2d", "pool_size": 2},
                {"type": "conv2d", "filters": 64, "kernel_size": 3, "activation": "relu"}, {"type": "max_pool2d", "pool_size": 2},
                {"type": "flatten"}, dense(10, "softmax")], most=2),
    "lstm-32": Net(32, 40, [50, 1], "number", "mse", [{"type": "lstm", "units": 32}, dense(1)], most=2),
    "lstm-128": Net(64, 5, [100, 8], "number", "mse", [{"type": "lstm", "units": 128}, dense(1)], most=2),
    "realmlp": realmlp(20),
    "wide": wide("float32"),
    "wide-bfloat16": wide("bfloat16"),
}

# quality.md's first row; the others show what bfloat16 gains, and a recipe.
COMPARED = [name for name in NETS if not name.startswith(("wide", "realmlp"))]
TINY = ["2-2-1", "13-10-10-1"]
