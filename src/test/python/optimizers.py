#!/usr/bin/env python3
"""Golden loss curves of every optimizer with every loss it is compared on.

Writes ../resources/golden/optimizers.json: 12 epochs of three batches (L-BFGS: of one), rows in order,
from the same weights. A curve is the row-weighted mean of the batches' losses as they were when trained on. Rprop,
Lion and L-BFGS amplify rounding, so their curves are computed in float64.
"""

import copy
import math

import torch
from torch import nn
import torch.nn.functional as F

from golden import tensor, write

SEED = 12
EPOCHS = 12
BATCH = 4
torch.manual_seed(SEED)


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                b1, b2 = group["betas"]
                update = (b1 * m + (1 - b1) * p.grad).sign() + group["weight_decay"] * p
                p -= group["lr"] * update
                m.copy_(b2 * m + (1 - b2) * p.grad)


O = torch.optim
# name, spec, PyTorch's optimizer, precision
OPTIMIZERS = [
    ("sgd", {"type": "sgd", "learning_rate": 0.1}, lambda p: O.SGD(p, lr=0.1), 32),
    ("sgd momentum", {"type": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01},
     lambda p: O.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01), 32),
    ("sgd nesterov", {"type": "sgd", "momentum": 0.8, "nesterov": True},
     lambda p: O.SGD(p, lr=0.01, momentum=0.8, nesterov=True), 32),
    ("adam", {"type": "adam"}, lambda p: O.Adam(p), 32),
    ("adam amsgrad", {"type": "adam", "learning_rate": 0.03, "amsgrad": True, "beta_2": 0.9, "weight_decay": 0.05},
     lambda p: O.Adam(p, lr=0.03, betas=(0.9, 0.9), amsgrad=True, weight_decay=0.05), 32),
    ("adamw", {"type": "adamw", "learning_rate": 0.02}, lambda p: O.AdamW(p, lr=0.02), 32),
    ("adamw amsgrad", {"type": "adamw", "learning_rate": 0.02, "amsgrad": True, "weight_decay": 0.2},
     lambda p: O.AdamW(p, lr=0.02, amsgrad=True, weight_decay=0.2), 32),
    ("nadam", {"type": "nadam"}, lambda p: O.NAdam(p), 32),
    ("nadam everything",
     {"type": "nadam", "learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1},
     lambda p: O.NAdam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1), 32),
    ("adamax", {"type": "adamax"}, lambda p: O.Adamax(p), 32),
    ("adamax everything",
     {"type": "adamax", "learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1},
     lambda p: O.Adamax(p, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1), 32),
    ("radam", {"type": "radam", "learning_rate": 0.02}, lambda p: O.RAdam(p, lr=0.02), 32),
    ("radam everything",
     {"type": "radam", "learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1},
     lambda p: O.RAdam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1), 32),
    ("rmsprop", {"type": "rmsprop"}, lambda p: O.RMSprop(p), 32),
    ("rmsprop everything",
     {"type": "rmsprop", "learning_rate": 0.005, "rho": 0.9, "epsilon": 1e-3, "centered": True, "momentum": 0.5,
      "weight_decay": 0.1},
     lambda p: O.RMSprop(p, lr=0.005, alpha=0.9, eps=1e-3, centered=True, momentum=0.5, weight_decay=0.1), 32),
    ("rmsprop momentum", {"type": "rmsprop", "learning_rate": 0.002, "momentum": 0.9},
     lambda p: O.RMSprop(p, lr=0.002, momentum=0.9), 32),
    ("adagrad", {"type": "adagrad"}, lambda p: O.Adagrad(p), 32),
    ("adagrad everything", {"type": "adagrad", "learning_rate": 0.1, "epsilon": 1e-3, "weight_decay": 0.1},
     lambda p: O.Adagrad(p, lr=0.1, eps=1e-3, weight_decay=0.1), 32),
    ("adadelta", {"type": "adadelta"}, lambda p: O.Adadelta(p), 32),
    ("adadelta everything",
     {"type": "adadelta", "learning_rate": 2, "rho": 0.8, "epsilon": 1e-4, "weight_decay": 0.1},
     lambda p: O.Adadelta(p, lr=2, rho=0.8, eps=1e-4, weight_decay=0.1), 32),
    ("rprop", {"type": "rprop"}, lambda p: O.Rprop(p), 64),
    ("rprop large", {"type": "rprop", "learning_rate": 0.1}, lambda p: O.Rprop(p, lr=0.1), 64),
    ("lion", {"type": "lion"}, lambda p: Lion(p), 64),
    ("lion everything",
     {"type": "lion", "learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.1},
     lambda p: Lion(p, lr=0.01, betas=(0.8, 0.95), weight_decay=0.1), 64),
    ("lbfgs", {"type": "lbfgs", "learning_rate": 0.05, "max_iterations": 10},
     lambda p: O.LBFGS(p, lr=0.05, max_iter=10, history_size=10), 64),
    ("lbfgs short", {"type": "lbfgs", "learning_rate": 0.2, "max_iterations": 3, "history": 2},
     lambda p: O.LBFGS(p, lr=0.2, max_iter=3, history_size=2), 64),
    ("lbfgs strong wolfe", {"type": "lbfgs", "max_iterations": 4, "line_search": "strong_wolfe"},
     lambda p: O.LBFGS(p, max_iter=4, history_size=10, line_search_fn="strong_wolfe"), 64),
]

X = torch.randn(10, 4)
NUMBERS = torch.randn(10, 2)
LABELS = torch.randint(0, 3, (10,))
BITS = torch.randint(0, 2, (10,))
bce = lambda o, y: F.binary_cross_entropy_with_logits(o.squeeze(1), y.to(o.dtype))
# name, units and last activation, targets, PyTorch's loss of the last linear layer's output
LOSSES = [
    ("mse", 2, "linear", NUMBERS, lambda o, y: F.mse_loss(o, y.to(o.dtype))),
    ("mae", 2, "linear", NUMBERS, lambda o, y: F.l1_loss(o, y.to(o.dtype))),
    ("binary_crossentropy", 1, "sigmoid", BITS, bce),
    ("categorical_crossentropy", 3, "softmax", LABELS, F.cross_entropy),
]


def net(units):
    module = nn.Sequential()
    module.add_module("a", nn.Linear(4, 6))
    module.add_module("tanh", nn.Tanh())
    module.add_module("b", nn.Linear(6, units))
    return module


def curve(module, y, loss, make, double, batch):
    module = copy.deepcopy(module)
    x = X
    if double:
        module, x = module.double(), X.double()
    optimizer = make(module.parameters())
    losses = []
    for _ in range(EPOCHS):
        total = 0.0
        for at in range(0, len(x), batch):
            bx, by = x[at:at + batch], y[at:at + batch]

            def closure():
                optimizer.zero_grad()
                value = loss(module(bx), by)
                value.backward()
                return value

            if isinstance(optimizer, O.LBFGS):
                value = optimizer.step(closure)
            else:
                value = closure()
                optimizer.step()
            total += value.item() * len(bx)
        losses.append(float(f"{total / len(x):.9g}"))
    return losses


def batch_size(spec):
    """L-BFGS is chaotic on small batches, also in PyTorch."""
    return len(X) if spec["type"] == "lbfgs" else BATCH


nets = []
for loss_name, units, last, y, loss in LOSSES:
    module = net(units)
    nets.append({
        "name": loss_name,
        "layers": [
            {"type": "dense", "name": "a", "units": 6, "activation": "tanh"},
            {"type": "dense", "name": "b", "units": units, "activation": last},
        ],
        "x": tensor(X),
        "y": tensor(y),
        "weights": {n: tensor(p) for n, p in module.state_dict().items()},
        "curves": {
            name: {
                "optimizer": spec,
                "precision": f"float{bits}",
                "batch_size": batch_size(spec),
                "losses": curve(module, y, loss, make, bits == 64, batch_size(spec)),
            }
            for name, spec, make, bits in OPTIMIZERS
        },
    })


def normed():
    module = nn.Sequential()
    module.add_module("a", nn.Linear(4, 6))
    module.add_module("n", nn.LayerNorm(6))
    module.add_module("tanh", nn.Tanh())
    module.add_module("b", nn.Linear(6, 2))
    return module


def groups(module, *named):
    """One parameter group for each (condition on names, parameters); the first that fits counts."""
    left = dict(module.named_parameters())
    made = []
    for fits, options in named:
        made.append({"params": [left.pop(n) for n in list(left) if fits(n)], **options})
    return made


class Average:
    """The average that Keras's use_ema and PyTorch's AveragedModel keep: it starts at the first step's weights."""

    def __init__(self, decay):
        self.decay, self.mean = decay, None

    def step(self, module):
        now = {n: p.detach().clone() for n, p in module.state_dict().items()}
        self.mean = now if self.mean is None else {
            n: self.decay * self.mean[n] + (1 - self.decay) * p for n, p in now.items()}


def coslog(t, cycles=4):
    return (1 - math.cos(2 * math.pi * math.log2(1 + (2**cycles - 1) * t))) / 2


def flat_cosine(t):
    return 1.0 if t < 0.5 else (1 + math.cos(math.pi * (2 * t - 1))) / 2


def scheduled(optimizer, **schedules):
    """An optimizer whose numbers change from step to step: each by (value, function of s/S)."""
    steps, done = EPOCHS * math.ceil(len(X) / BATCH), [0]
    plain = optimizer.step

    def step():
        for group in optimizer.param_groups:
            for name, (value, shape) in schedules.items():
                group[name] = value * shape(done[0] / steps)
        done[0] += 1
        plain()

    optimizer.step = step
    return optimizer


every = lambda n: True
bias = lambda n: n.endswith("bias")
norm = lambda n: n.startswith("n.")
# name, training members, PyTorch's optimizer of a module, batches of a step, decay of the average
RULES = [
    ("learning_rates", {"optimizer": {"type": "adam", "learning_rate": 0.02}, "learning_rates": {"a": 0.1, "n": 0}},
     lambda m: O.Adam(groups(m, (lambda n: n.startswith("a."), {"lr": 0.002}), (norm, {"lr": 0.0}), (every, {})), lr=0.02),
     1, None),
    ("weight_decay_exclude",
     {"optimizer": {"type": "adamw", "learning_rate": 0.02, "weight_decay": 1}, "weight_decay_exclude": ["bias", "norm"]},
     lambda m: O.AdamW(groups(m, (lambda n: bias(n) or norm(n), {"weight_decay": 0.0}), (every, {})), lr=0.02, weight_decay=1),
     1, None),
    ("weight_decay_exclude bias",
     {"optimizer": {"type": "sgd", "learning_rate": 0.05, "weight_decay": 0.5}, "weight_decay_exclude": ["bias"]},
     lambda m: O.SGD(groups(m, (bias, {"weight_decay": 0.0}), (every, {})), lr=0.05, weight_decay=0.5),
     1, None),
    ("both", {"optimizer": {"type": "rmsprop", "learning_rate": 0.01, "weight_decay": 0.1, "momentum": 0.5},
              "weight_decay_exclude": ["norm"], "learning_rates": {"b": 0.5}},
     lambda m: O.RMSprop(groups(m, (norm, {"weight_decay": 0.0}), (lambda n: n.startswith("b."), {"lr": 0.005}), (every, {})),
                         lr=0.01, weight_decay=0.1, momentum=0.5),
     1, None),
    ("by weight and pattern", {"optimizer": {"type": "adam", "learning_rate": 0.02},
                               "learning_rates": {"*.bias": 0.1, "a": 6, "a.bias": 3, "n.*": 0, "*": 0.5, "b.w*ght": 2}},
     lambda m: O.Adam(groups(m, (lambda n: n == "a.bias", {"lr": 0.06}), (bias, {"lr": 0.002}), (norm, {"lr": 0.0}),
                             (lambda n: n == "b.weight", {"lr": 0.04}), (every, {"lr": 0.01})), lr=0.02), 1, None),
    ("scheduled rate and decay",
     {"optimizer": {"type": "adamw", "learning_rate": 0.05, "weight_decay": {"value": 2, "schedule": "flat_cosine"}},
      "learning_rate_schedule": "coslog"},
     lambda m: scheduled(O.AdamW(m.parameters()), lr=(0.05, coslog), weight_decay=(2, flat_cosine)), 1, None),
    ("scheduled decay",
     {"optimizer": {"type": "sgd", "learning_rate": 0.05,
                    "weight_decay": {"value": 0.5, "schedule": {"type": "coslog", "cycles": 2}}},
      "learning_rate_schedule": "flat_cosine"},
     lambda m: scheduled(O.SGD(m.parameters(), lr=0.05), lr=(0.05, flat_cosine),
                         weight_decay=(0.5, lambda t: coslog(t, 2))), 1, None),
    ("rprop by layer", {"optimizer": {"type": "rprop"}, "learning_rates": {"a": 3}},
     lambda m: O.Rprop(groups(m, (lambda n: n.startswith("a."), {"lr": 0.03}), (every, {}))), 1, None),
    ("gradient_accumulation", {"optimizer": {"type": "adam", "learning_rate": 0.02}, "gradient_accumulation": 2},
     lambda m: O.Adam(m.parameters(), lr=0.02), 2, None),
    ("ema", {"optimizer": {"type": "adam", "learning_rate": 0.02}, "ema": {"decay": 0.9}, "publish": "last"},
     lambda m: O.Adam(m.parameters(), lr=0.02), 1, 0.9),
    ("ema of accumulated steps",
     {"optimizer": {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9}, "gradient_accumulation": 2,
      "ema": {"decay": 0.5}, "gradient_clipping": {"norm": 0.5}, "publish": "last"},
     lambda m: O.SGD(m.parameters(), lr=0.1, momentum=0.9), 2, 0.5),
]


def with_rules(module, training, make, batches, decay):
    module = copy.deepcopy(module)
    optimizer = make(module)
    average = Average(decay) if decay else None
    clip = training.get("gradient_clipping", {}).get("norm")
    losses = []
    for _ in range(EPOCHS):
        total = 0.0
        for at in range(0, len(X), BATCH * batches):
            rows = slice(at, at + BATCH * batches)
            # the mean over the rows of several batches is the loss of one large batch
            optimizer.zero_grad()
            F.mse_loss(module(X[rows]), NUMBERS[rows]).backward()
            with torch.no_grad():
                errors = (module(X[rows]) - NUMBERS[rows]).square().mean(1)
            total += errors.sum().item()
            if clip:
                nn.utils.clip_grad_norm_(module.parameters(), clip)
            optimizer.step()
            if average:
                average.step(module)
        losses.append(float(f"{total / len(X):.9g}"))
    after = average.mean if average else module.state_dict()
    return {"losses": losses, "after": {n: tensor(p) for n, p in after.items()}}


module = normed()
rules = {
    "layers": [
        {"type": "dense", "name": "a", "units": 6},
        {"type": "layer_norm", "name": "n"},
        {"type": "activation", "name": "tanh", "function": "tanh"},
        {"type": "dense", "name": "b", "units": 2},
    ],
    "x": tensor(X),
    "y": tensor(NUMBERS),
    "weights": {n: tensor(p) for n, p in module.state_dict().items()},
    "cases": [
        {"name": name, "training": {"loss": "mse", "batch_size": BATCH, **training},
         **with_rules(module, training, make, batches, decay)}
        for name, training, make, batches, decay in RULES
    ],
}

if __name__ == "__main__":
    write("optimizers.json", SEED, {"nets": nets, "rules": rules})
