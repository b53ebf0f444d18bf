#!/usr/bin/env python3
"""Golden losses of whole trainings: each loss, optimizer and penalty over a dozen full-batch steps.

Writes ../resources/golden/training.json. The losses are those before each step, as the product
reports them.
"""

import copy

import torch
from torch import nn
import torch.nn.functional as F

from golden import tensor, write

SEED = 11
STEPS = 12
cases = []
torch.manual_seed(SEED)


def net(outputs, last):
    layers = [
        {"type": "dense", "name": "a", "units": 6, "activation": "tanh"},
        {"type": "dense", "name": "b", "units": outputs, "activation": last},
    ]
    module = nn.Sequential()
    module.add_module("a", nn.Linear(4, 6))
    module.add_module("tanh", nn.Tanh())
    module.add_module("b", nn.Linear(6, outputs))
    return layers, module


def case(name, layers, module, x, y, training, loss, optimizer, penalty=lambda m, x: 0.0, clip=None,
         constrain=None, steps=STEPS, tolerance=2e-4):
    module = copy.deepcopy(module)
    weights = {n: tensor(p) for n, p in module.state_dict().items()}
    step = optimizer(module.parameters())
    losses = []
    for _ in range(steps):
        step.zero_grad()
        value = loss(module(x), y) + penalty(module, x)
        losses.append(float(f"{value.item():.9g}"))
        value.backward()
        if clip:
            clip(module.parameters())
        step.step()
        if constrain:
            with torch.no_grad():
                constrain(module)
    cases.append(
        {
            "name": name,
            "tolerance": tolerance,
            "layers": layers,
            "training": training,
            "x": tensor(x),
            "y": tensor(y),
            "weights": weights,
            "losses": losses,
            "after": {n: tensor(p) for n, p in module.state_dict().items()},
        }
    )


X = torch.randn(10, 4)
NUMBERS = torch.randn(10, 2)
LABELS = torch.randint(0, 3, (10,))
BITS = torch.randint(0, 2, (10,))
SGD = {"type": "sgd", "learning_rate": 0.1}
sgd = lambda p: torch.optim.SGD(p, lr=0.1)

layers, module = net(2, "linear")
mse = F.mse_loss
case("mse", layers, module, X, NUMBERS, {"loss": "mse", "optimizer": SGD}, mse, sgd)
case("mae", layers, module, X, NUMBERS, {"loss": "mae", "optimizer": SGD}, F.l1_loss, sgd)

optimizers = [
    ("momentum", {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9},
     lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    ("nesterov", {"type": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
     lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True)),
    ("sgd weight decay", {"type": "sgd", "learning_rate": 0.1, "momentum": 0.5, "weight_decay": 0.05},
     lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.5, weight_decay=0.05)),
    ("adam", {"type": "adam", "learning_rate": 0.02}, lambda p: torch.optim.Adam(p, lr=0.02)),
    ("adam everything",
     {"type": "adam", "learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4, "weight_decay": 0.1},
     lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1)),
    ("adamw", {"type": "adamw", "learning_rate": 0.02}, lambda p: torch.optim.AdamW(p, lr=0.02)),
    ("adamw decay", {"type": "adamw", "learning_rate": 0.02, "weight_decay": 0.3},
     lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.3)),
]
for name, spec, make in optimizers:
    case(name, layers, module, X, NUMBERS, {"loss": "mse", "optimizer": spec}, mse, make)

case("norm clipping", layers, module, X, NUMBERS,
     {"loss": "mse", "optimizer": SGD, "gradient_clipping": {"norm": 0.3}}, mse, sgd,
     clip=lambda p: nn.utils.clip_grad_norm_(p, 0.3))
case("value clipping", layers, module, X, NUMBERS,
     {"loss": "mse", "optimizer": SGD, "gradient_clipping": {"value": 0.05}}, mse, sgd,
     clip=lambda p: nn.utils.clip_grad_value_(p, 0.05))

penalized = copy.deepcopy(layers)
penalized[0]["regularizer"] = {"l1": 0.01, "l2": 0.02}
penalized[1]["regularizer"] = {"l2": 0.05}
case("penalties", penalized, module, X, NUMBERS, {"loss": "mse", "optimizer": SGD}, mse, sgd,
     penalty=lambda m, x: 0.01 * m.a.weight.abs().sum() + 0.02 * m.a.weight.square().sum()
     + 0.05 * m.b.weight.square().sum())

active = copy.deepcopy(layers)
active[0]["regularizer"] = {"activity_l2": 0.03}
case("activity penalty", active, module, X, NUMBERS, {"loss": "mse", "optimizer": SGD}, mse, sgd,
     penalty=lambda m, x: 0.03 * torch.tanh(m.a(x)).square().sum() / len(x))

constrained = copy.deepcopy(layers)
constrained[0]["constraint"] = {"max_norm": 0.8}


def shorten(module):
    rows = module.a.weight
    norms = rows.norm(dim=1, keepdim=True)
    rows.mul_(torch.where(norms > 0.8, 0.8 / norms, torch.ones_like(norms)))


case("max_norm", constrained, module, X, NUMBERS, {"loss": "mse", "optimizer": SGD}, mse, sgd,
     constrain=shorten)


def divergence(a, rho):
    mean = a.mean(0).clamp(1e-7, 1 - 1e-7)
    return (rho * (rho / mean).log() + (1 - rho) * ((1 - rho) / (1 - mean)).log()).sum()


sparse = copy.deepcopy(layers)
sparse[0]["activation"] = "sigmoid"
sparse[0]["regularizer"] = {"l2": 0.001, "sparsity": {"weight": 4, "proportion": 0.05}}
sparse_module = copy.deepcopy(module)
sparse_module[1] = nn.Sigmoid()
case("sparsity", sparse, sparse_module, X, NUMBERS, {"loss": "mse", "optimizer": SGD}, mse, sgd,
     penalty=lambda m, x: 0.001 * m.a.weight.square().sum()
     + 4 * divergence(torch.sigmoid(m.a(x)), 0.05))


class Branched(nn.Module):
    """Two linear maps of the same input, one transposed, multiplied, flattened, and one unit."""

    def __init__(self):
        super().__init__()
        self.left = nn.Linear(4, 4)
        self.right = nn.Linear(4, 4)
        self.out = nn.Linear(9, 1)

    def forward(self, x):
        product = self.left(x) @ self.right(x).transpose(1, 2)
        return self.out(product.flatten(1))


case("branched graph",
     [{"type": "dense", "name": "left", "units": 4, "inputs": ["x"]},
      {"type": "dense", "name": "right", "units": 4, "inputs": ["x"]},
      {"type": "permute", "name": "turned", "axes": [1, 0], "inputs": ["right"]},
      {"type": "matmul", "name": "product", "inputs": ["left", "turned"]},
      {"type": "flatten", "name": "flat"},
      {"type": "dense", "name": "out", "units": 1}],
     Branched(), torch.randn(8, 3, 4), torch.randn(8, 1),
     {"loss": "mse", "optimizer": {"type": "adam", "learning_rate": 0.01}}, mse,
     lambda p: torch.optim.Adam(p, lr=0.01), steps=10, tolerance=1e-5)

layers, module = net(3, "softmax")
case("categorical crossentropy", layers, module, X, LABELS,
     {"loss": "categorical_crossentropy", "optimizer": SGD}, F.cross_entropy, sgd)
case("categorical crossentropy one-hot", layers, module, X, F.one_hot(LABELS, 3).float(),
     {"loss": "categorical_crossentropy", "optimizer": SGD}, F.cross_entropy, sgd)
plain = copy.deepcopy(layers)
plain[1]["activation"] = "linear"
case("categorical crossentropy from logits", plain, module, X, LABELS,
     {"loss": {"type": "categorical_crossentropy", "from_logits": True}, "optimizer": SGD},
     F.cross_entropy, sgd)

layers, module = net(1, "sigmoid")
bce = lambda o, y: F.binary_cross_entropy_with_logits(o.squeeze(1), y.float())
case("binary crossentropy", layers, module, X, BITS,
     {"loss": "binary_crossentropy", "optimizer": SGD}, bce, sgd)
case("sigmoid with mse", layers, module, X, BITS.float().unsqueeze(1),
     {"loss": "mse", "optimizer": SGD}, lambda o, y: F.mse_loss(torch.sigmoid(o), y), sgd)

# trainAutoencoder's cost: sse of the inputs, lambda/2 of the squared weights, sparsity of the code.
WEIGHT_DECAY, SPARSITY_WEIGHT, PROPORTION = 0.004, 1.5, 0.1
coder = [
    {"type": "dense", "name": "code", "units": 3, "activation": "sigmoid",
     "regularizer": {"l2": WEIGHT_DECAY / 2,
                     "sparsity": {"weight": SPARSITY_WEIGHT, "proportion": PROPORTION}}},
    {"type": "dense", "name": "back", "units": 4, "activation": "sigmoid",
     "regularizer": {"l2": WEIGHT_DECAY / 2}},
]
coder_module = nn.Sequential()
coder_module.add_module("code", nn.Linear(4, 3))
coder_module.add_module("f", nn.Sigmoid())
coder_module.add_module("back", nn.Linear(3, 4))
coder_module.add_module("g", nn.Sigmoid())
SHARES = torch.sigmoid(X)
case("autoencoder", coder, coder_module, SHARES, SHARES, {"loss": "sse", "optimizer": SGD},
     lambda o, y: (o - y).square().sum(1).mean(), sgd,
     penalty=lambda m, x: WEIGHT_DECAY / 2
     * (m.code.weight.square().sum() + m.back.weight.square().sum())
     + SPARSITY_WEIGHT * divergence(torch.sigmoid(m.code(x)), PROPORTION))

write("training.json", SEED, {"cases": cases})
