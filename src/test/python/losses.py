#!/usr/bin/env python3
"""Golden losses of whole trainings: every loss with every optimizer below, over twelve steps.

Writes ../resources/golden/losses.json. A loss that PyTorch has is PyTorch's; another one is written
here from its formula in NumberLoss, ClassLoss or ExpressionLoss. All compute in float64 from the
same float32 weights, so that the difference is the product's rounding only.
"""

import torch
from torch import nn
import torch.nn.functional as F

import survival
from golden import tensor, write

SEED = 23
STEPS = 12
TOLERANCE = 2e-4
torch.manual_seed(SEED)

ROWS = 10
X = torch.randn(ROWS, 4)
NUMBERS = torch.randn(ROWS, 2)
COUNTS = torch.randint(0, 5, (ROWS, 2)).float()
BITS = torch.randint(0, 2, (ROWS, 2)).float()
SHARES = torch.softmax(torch.randn(ROWS, 3), -1)
LABELS = torch.randint(0, 3, (ROWS,))
YES = torch.randint(0, 2, (ROWS,))
WEIGHTS = torch.tensor([1.0, 0.0, 2.5, 1.0, 0.3, 7.0, 1.0, 1.0, 0.5, 2.0])

# Of a generator of its own, so that all numbers before stay what they were.
_times = torch.Generator().manual_seed(SEED)
SURVIVAL = torch.stack([torch.randint(1, 5, (ROWS,), generator=_times).float(),
                        torch.randint(0, 2, (ROWS,), generator=_times).float()], 1)

OPTIMIZERS = [
    ({"type": "sgd", "learning_rate": 0.02}, lambda p: torch.optim.SGD(p, lr=0.02)),
    ({"type": "sgd", "learning_rate": 0.005, "momentum": 0.9},
     lambda p: torch.optim.SGD(p, lr=0.005, momentum=0.9)),
    ({"type": "adam", "learning_rate": 0.01}, lambda p: torch.optim.Adam(p, lr=0.01)),
    ({"type": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
     lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)),
]

ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "softplus": F.softplus,
    "exponential": torch.exp,
    "sigmoid": torch.sigmoid,
    "softmax": lambda z: torch.softmax(z, -1),
    "log_softmax": lambda z: torch.log_softmax(z, -1),
}

cases = []


def by_row(elements):
    """The mean of each row's elements."""
    return elements.flatten(1).mean(1) if elements.dim() > 1 else elements


def one_hot(y):
    return F.one_hot(y, 3).double()


def smooth(y, share, classes):
    return (1 - share) * y + share / classes


def focal_softmax(p, y, gamma, alpha):
    return -(alpha * one_hot(y) * (1 - p) ** gamma * p.log()).sum(-1)


def focal_sigmoid(p, y, gamma, alpha):
    y = y.double().unsqueeze(1) if y.dim() == 1 else y
    return (-alpha * y * (1 - p) ** gamma * p.log()
            - (1 - alpha) * (1 - y) * p ** gamma * (1 - p).log())


def signs(y):
    y = y.double().unsqueeze(1) if y.dim() == 1 else y
    return torch.where(y == 0, -torch.ones_like(y), y)


def gaussian(p, y):
    mean, log_variance = p[:, :2], p[:, 2:]
    return F.gaussian_nll_loss(mean, y, log_variance.exp(), reduction="none", eps=1e-12)


def bce(p, y):
    y = y.double().unsqueeze(1) if y.dim() == 1 else y
    return F.binary_cross_entropy(p, y, reduction="none")


# name, units, last activation, target, the loss in JSON, its rows; rmse gives the squares.
LOSSES = [
    ("mse", 2, "linear", NUMBERS, "mse", lambda p, y: (p - y) ** 2),
    ("mae", 2, "linear", NUMBERS, "mae", lambda p, y: (p - y).abs()),
    ("rmse", 2, "linear", NUMBERS, "rmse", lambda p, y: (p - y) ** 2),
    ("sse", 2, "tanh", NUMBERS, "sse", lambda p, y: ((p - y) ** 2).sum(-1)),
    ("huber", 2, "linear", NUMBERS, {"type": "huber", "delta": 0.7},
     lambda p, y: F.huber_loss(p, y, reduction="none", delta=0.7)),
    ("smooth l1", 2, "linear", NUMBERS, {"type": "smooth_l1", "beta": 0.6},
     lambda p, y: F.smooth_l1_loss(p, y, reduction="none", beta=0.6)),
    ("log cosh", 2, "linear", NUMBERS, "log_cosh", lambda p, y: torch.log(torch.cosh(p - y))),
    ("mape", 2, "linear", NUMBERS, "mape",
     lambda p, y: 100 * (p - y).abs() / y.abs().clamp_min(1e-7)),
    ("msle", 2, "softplus", COUNTS, "msle",
     lambda p, y: ((p + 1).log() - (y.clamp_min(1e-7) + 1).log()) ** 2),
    ("quantile", 2, "linear", NUMBERS, {"type": "quantile", "q": 0.8},
     lambda p, y: torch.maximum(0.8 * (y - p), -0.2 * (y - p))),
    ("gaussian nll", 4, "linear", NUMBERS, "gaussian_nll", gaussian),
    ("poisson", 2, "softplus", COUNTS, "poisson",
     lambda p, y: F.poisson_nll_loss(p, y, log_input=False, eps=1e-7, reduction="none")),
    ("cosine", 2, "linear", NUMBERS, "cosine", lambda p, y: 1 - F.cosine_similarity(p, y, dim=-1)),
    ("binary", 1, "sigmoid", YES, "binary_crossentropy", bce),
    ("binary of several", 2, "sigmoid", BITS, "binary_crossentropy", bce),
    ("binary from logits", 2, "linear", BITS, {"type": "binary_crossentropy", "from_logits": True},
     lambda p, y: bce(p.sigmoid(), y)),
    ("categorical", 3, "softmax", LABELS, "categorical_crossentropy",
     lambda p, y: F.nll_loss(p.log(), y, reduction="none")),
    ("sparse categorical", 3, "softmax", LABELS, "sparse_categorical_crossentropy",
     lambda p, y: F.nll_loss(p.log(), y, reduction="none")),
    ("categorical of shares", 3, "softmax", SHARES, "categorical_crossentropy",
     lambda p, y: -(y * p.log()).sum(-1)),
    ("focal of classes", 3, "softmax", LABELS, "focal",
     lambda p, y: focal_softmax(p, y, 2, 0.25)),
    ("focal from logits", 3, "linear", LABELS,
     {"type": "focal", "gamma": 1.5, "alpha": 0.4, "from_logits": True},
     lambda p, y: focal_softmax(p.softmax(-1), y, 1.5, 0.4)),
    ("focal of two classes", 1, "sigmoid", YES, {"type": "focal", "gamma": 3, "alpha": 0.6},
     lambda p, y: focal_sigmoid(p, y, 3, 0.6)),
    ("focal of several", 2, "linear", BITS, {"type": "focal", "from_logits": True},
     lambda p, y: focal_sigmoid(p.sigmoid(), y, 2, 0.25)),
    ("kl divergence", 3, "softmax", SHARES, "kl_divergence",
     lambda p, y: F.kl_div(p.log(), y, reduction="none").sum(-1)),
    ("kl divergence of logarithms", 3, "log_softmax", SHARES, "kl_divergence",
     lambda p, y: F.kl_div(p, y, reduction="none").sum(-1)),
    ("kl divergence from logits", 3, "linear", LABELS,
     {"type": "kl_divergence", "from_logits": True},
     lambda p, y: F.cross_entropy(p, y, reduction="none")),
    ("nll", 3, "log_softmax", LABELS, "nll", lambda p, y: F.nll_loss(p, y, reduction="none")),
    ("hinge", 1, "linear", YES, "hinge", lambda p, y: F.relu(1 - signs(y) * p)),
    ("hinge of several", 2, "tanh", BITS, "hinge", lambda p, y: F.relu(1 - signs(y) * p)),
    ("squared hinge", 1, "linear", YES, "squared_hinge",
     lambda p, y: F.relu(1 - signs(y) * p) ** 2),
    ("expression", 2, "linear", NUMBERS,
     {"type": "expression", "expression": "mean(sqrt(1 + (y_pred - y_true)^2) - 1)"},
     lambda p, y: (1 + (p - y) ** 2).sqrt() - 1),
    ("expression with axes", 2, "linear", NUMBERS,
     {"type": "expression", "expression": "where(y_pred > y_true, 3, 1) * abs(y_pred - y_true)"},
     lambda p, y: torch.where(p > y, 3.0, 1.0) * (p - y).abs()),
    ("expression of labels", 3, "softmax", LABELS,
     {"type": "expression", "expression": "-sum(y_true * log(y_pred))"},
     lambda p, y: -(one_hot(y) * p.log()).sum(-1)),
    ("expression of two outputs", 4, "linear", NUMBERS,
     {"type": "expression",
      "expression": "0.5 * (y_pred[2:] + (y_true - y_pred[:2])^2 / exp(y_pred[2:]))"},
     gaussian),
    ("expression of a bit", 1, "sigmoid", YES,
     {"type": "expression", "expression": "(y_pred - y_true)^2"},
     lambda p, y: (p - y.double().unsqueeze(1)) ** 2),
]


def case(name, units, last, y, loss, rows, optimizer, weights=None, training=None, root=False):
    """``weights`` are the products; the product gets WEIGHTS and computes class weights itself."""
    spec, make = optimizer
    module = nn.Sequential()
    module.add_module("a", nn.Linear(4, 6))
    module.add_module("tanh", nn.Tanh())
    module.add_module("b", nn.Linear(6, units))
    start = {n: tensor(p) for n, p in module.state_dict().items()}
    module.double()
    step = make(module.parameters())
    x = X.double()
    target = y.double() if y.is_floating_point() else y
    losses = []
    for _ in range(STEPS):
        step.zero_grad()
        each = by_row(rows(ACTIVATIONS[last](module(x)), target))
        value = each.mean() if weights is None else (each * weights).sum() / weights.sum()
        value = value.sqrt() if root else value
        losses.append(float(f"{value.item():.9g}"))
        value.backward()
        step.step()
    given = {
        "name": name,
        "tolerance": TOLERANCE,
        "layers": [
            {"type": "dense", "name": "a", "units": 6, "activation": "tanh"},
            {"type": "dense", "name": "b", "units": units, "activation": last},
        ],
        "training": {"loss": loss, "optimizer": spec, **(training or {})},
        "x": tensor(X),
        "y": tensor(y),
        "weights": start,
        "losses": losses,
        "after": {n: tensor(p.float()) for n, p in module.state_dict().items()},
    }
    if "sample_weight" in given["training"]:
        given["row_weights"] = tensor(WEIGHTS)
    cases.append(given)


for name, units, last, y, loss, rows in LOSSES:
    for number, optimizer in enumerate(OPTIMIZERS):
        word = optimizer[0]["type"] + (" with momentum" if number == 1 else "")
        case(f"{name} with {word}", units, last, y, loss, rows, optimizer, root=name == "rmse")
    case(f"{name} of weighted rows", units, last, y, loss, rows, OPTIMIZERS[2],
         weights=WEIGHTS.double(), training={"sample_weight": "w"}, root=name == "rmse")

BY_CLASS = torch.tensor([0.5, 3.0, 1.0]).double()
BALANCED = (ROWS / (3 * torch.bincount(LABELS, minlength=3))).double()
classes = [({"0": 0.5, "1": 3}, BY_CLASS), ("balanced", BALANCED)]
for name, units, last, y, loss, rows in LOSSES:
    if name in ("categorical", "focal of classes", "nll", "expression of labels"):
        for spec, weights in classes:
            word = "balanced" if spec == "balanced" else "weighted"
            case(f"{name} of {word} classes", units, last, y, loss, rows, OPTIMIZERS[2],
                 weights=weights[LABELS], training={"class_weights": spec})
case("categorical of weighted rows and classes", 3, "softmax", LABELS, "categorical_crossentropy",
     lambda p, y: F.nll_loss(p.log(), y, reduction="none"), OPTIMIZERS[0],
     weights=BY_CLASS[LABELS] * WEIGHTS.double(),
     training={"sample_weight": "w", "class_weights": {"0": 0.5, "1": 3}})

SMOOTHED = {"label_smoothing": 0.1}
smoothed = [
    ("categorical", 3, "softmax", LABELS, "categorical_crossentropy",
     lambda p, y: F.cross_entropy(p.log(), y, reduction="none", label_smoothing=0.1)),
    ("categorical of shares", 3, "softmax", SHARES, "categorical_crossentropy",
     lambda p, y: F.cross_entropy(p.log(), y, reduction="none", label_smoothing=0.1)),
    ("binary", 1, "sigmoid", YES, "binary_crossentropy",
     lambda p, y: F.binary_cross_entropy(p, smooth(y.double().unsqueeze(1), 0.1, 2),
                                         reduction="none")),
    ("nll", 3, "log_softmax", LABELS, "nll",
     lambda p, y: F.cross_entropy(p, y, reduction="none", label_smoothing=0.1)),
    ("kl divergence", 3, "softmax", SHARES, "kl_divergence",
     lambda p, y: F.kl_div(p.log(), smooth(y, 0.1, 3), reduction="none").sum(-1)),
    ("focal of classes", 3, "softmax", LABELS, "focal",
     lambda p, y: -(0.25 * smooth(one_hot(y), 0.1, 3) * (1 - p) ** 2 * p.log()).sum(-1)),
]
for name, units, last, y, loss, rows in smoothed:
    for optimizer in (OPTIMIZERS[0], OPTIMIZERS[2]):
        case(f"{name} with smoothed labels and {optimizer[0]['type']}", units, last, y, loss, rows,
             optimizer, training=SMOOTHED)
    case(f"{name} with smoothed labels of weighted rows", units, last, y, loss, rows, OPTIMIZERS[0],
         weights=WEIGHTS.double(), training={"sample_weight": "w", **SMOOTHED})

# The gradient of the last bias is 0, and what rounding leaves of it would be enlarged by adam.
for number, optimizer in enumerate(OPTIMIZERS[:2]):
    word = optimizer[0]["type"] + (" with momentum" if number == 1 else "")
    case(f"cox with {word}", 1, "linear", SURVIVAL, "cox",
         lambda p, y: survival.cox(p.squeeze(1), y[:, 0], y[:, 1]), optimizer)

if __name__ == "__main__":
    write("losses.json", SEED, {"cases": cases})
