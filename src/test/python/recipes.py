"""Writes golden/recipes.json: step-by-step losses of the recipes mlp, realmlp, tabm and series.

The networks and trainings are written here from the papers alone (Gorishniy et al. 2021; Holzmüller et al. 2024; Gorishniy
et al. 2024; Zeng et al. 2023), without dropout and shuffling, which draw numbers. The first weights are given to both sides.
"""
import json
import math
import pathlib

import torch
from torch import nn

torch.manual_seed(11)
ROWS, FEATURES, EPOCHS, BATCH = 48, 5, 12, 48
# Three rows ahead leave out two, each of which counts 5 over the rows; two digits.
SERIES_PENALTY = 0.21


def coslog(t, cycles=4):
    return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + (2 ** cycles - 1) * t)))


def flat_cosine(t):
    return 1.0 if t < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * t - 1)))


class Waves(nn.Module):
    """PBLD: [W·cos(2πfx + b) + c, x] of each feature."""

    def __init__(self, features, frequencies=4, dim=4):
        super().__init__()
        self.frequency = nn.Parameter(0.1 * torch.randn(features, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(features, frequencies) - 1))
        bound = 1 / math.sqrt(frequencies)
        self.weight = nn.Parameter(bound * (2 * torch.rand(features, dim - 1, frequencies) - 1))
        self.bias = nn.Parameter(bound * (2 * torch.rand(features, dim - 1) - 1))

    def forward(self, x):
        waves = torch.cos(2 * math.pi * x[..., None] * self.frequency + self.phase)
        mixed = torch.einsum("nfk,fdk->nfd", waves, self.weight) + self.bias
        return torch.cat([mixed, x[..., None]], dim=-1).flatten(1)


class Scale(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))

    def forward(self, x):
        return x * self.weight


class Ntk(nn.Module):
    """x·Wᵀ/√in + b, and an activation whose share a of each unit is learned."""

    def __init__(self, features, units, activation=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(units, features))
        self.bias = nn.Parameter(0.3 * torch.randn(units))
        self.activation = activation
        if activation:
            self.a = nn.Parameter(torch.ones(units))

    def forward(self, x):
        z = x @ self.weight.T / math.sqrt(x.shape[-1]) + self.bias
        return z + self.a * (self.activation(z) - z) if self.activation else z


class BatchEnsemble(nn.Module):
    """((x ⊙ r)·Wᵀ) ⊙ s + b for each member."""

    def __init__(self, features, units, members, first):
        super().__init__()
        bound = 1 / math.sqrt(features)
        self.weight = nn.Parameter(bound * (2 * torch.rand(units, features) - 1))
        self.r = nn.Parameter(torch.randint(0, 2, (members, features)) * 2.0 - 1 if first else torch.ones(members, features))
        self.s = nn.Parameter(torch.ones(members, units))
        self.bias = nn.Parameter((bound * (2 * torch.rand(units) - 1)).repeat(members, 1))

    def forward(self, x):
        x = x[:, None] if x.dim() == 2 else x
        return torch.relu(((x * self.r) @ self.weight.T) * self.s + self.bias)


class Members(nn.Module):
    def __init__(self, features, units, members):
        super().__init__()
        bound = 1 / math.sqrt(features)
        self.weight = nn.Parameter(bound * (2 * torch.rand(members, units, features) - 1))
        self.bias = nn.Parameter((bound * (2 * torch.rand(units) - 1)).repeat(members, 1))

    def forward(self, x):
        return torch.einsum("nmi,moi->nmo", x, self.weight) + self.bias


class Forecast(nn.Module):
    """The last value, a line and two dense layers over the changes to it."""

    def __init__(self, window, columns, units):
        super().__init__()
        self.line = nn.Linear(window * columns, 1)
        self.dense = nn.Linear(window * columns, units)
        self.bend = nn.Linear(units, 1)

    def forward(self, x):
        last = x[:, -1]
        changes = (x - last[:, None]).flatten(1)
        return self.line(changes) + self.bend(torch.relu(self.dense(changes))) + last[:, :1]


def modules(recipe, outputs):
    units = 6
    if recipe == "mlp":
        return nn.ModuleDict({"dense_1": nn.Linear(FEATURES, units), "dense_2": nn.Linear(units, units), "out": nn.Linear(units, outputs)})
    if recipe == "realmlp":
        act = nn.functional.mish if outputs == 1 else nn.functional.selu
        return nn.ModuleDict({"waves": Waves(FEATURES), "front": Scale(4 * FEATURES), "dense_1": Ntk(4 * FEATURES, units, act),
                              "dense_2": Ntk(units, units, act), "out": Ntk(units, outputs)})
    first = {"waves": Waves(FEATURES)} if outputs == 1 else {}
    return nn.ModuleDict({**first, "dense_1": BatchEnsemble(4 * FEATURES if first else FEATURES, units, 3, True), "dense_2": BatchEnsemble(units, units, 3, False),
                          "members_of_out": Members(units, outputs, 3)})


def forward(recipe, net, x):
    for name, module in net.items():
        x = module(x)
        if recipe == "mlp" and name != "out":
            x = torch.relu(x)
    return x


def loss_of(recipe, output, y):
    """The mean of the members' losses in an ensemble."""
    if recipe == "tabm":
        members = output.shape[1]
        y = y.repeat_interleave(members, dim=0)
        output = output.flatten(0, 1)
    return nn.functional.cross_entropy(output, y) if y.dtype == torch.int64 else nn.functional.mse_loss(output, y)


def train(recipe, net, run, x, y):
    """Losses of each step; the optimizer of the recipe, with its schedules and factors."""
    real = recipe == "realmlp"
    classes = y.dtype == torch.int64
    rate = (0.04 if classes else 0.2) if real else {"mlp": 0.001, "tabm": 0.002, "series": 0.002}[recipe]
    decay = {"mlp": 1e-5, "realmlp": 0.02, "tabm": 0.3 if classes else 3e-4, "series": 0}[recipe]
    groups = []
    for name, parameter in net.named_parameters():
        factor = 1.0
        if real:
            bias, own = name.endswith(".bias"), name.endswith(".a") or name.startswith("waves.")
            factor = 0.1 if bias or own else 6.0 if name.startswith("front.") else 1.0
        groups.append({"params": [parameter], "factor": factor,
                       "decay": 0.0 if real and name.endswith(".bias") else decay})
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95 if real else 0.999), weight_decay=0)
    steps = EPOCHS * math.ceil(len(x) / BATCH)
    losses = []
    for step in range(steps):
        begin = step * BATCH % (math.ceil(len(x) / BATCH) * BATCH)
        t = step / steps
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"] * (coslog(t) if real else 1)
            group["weight_decay"] = group["decay"] * (flat_cosine(t) if real else 1)
        optimizer.zero_grad()
        loss = loss_of(recipe, run(net, x[begin:begin + BATCH]), y[begin:begin + BATCH])
        if recipe == "series":
            loss = loss + SERIES_PENALTY * sum((layer.weight ** 2).sum() for layer in (net.line, net.dense, net.bend))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def tensor(value):
    return {"shape": list(value.shape), "type": "int64" if value.dtype == torch.int64 else "float32",
            "data": [round(float(each), 6) if value.dtype != torch.int64 else int(each) for each in value.flatten()]}


def case(recipe, outputs):
    if recipe == "series":
        x = torch.randn(ROWS, 6, 2)
        y = x[:, -1, :1] + 0.3 * x.mean((1, 2))[:, None]
        net = Forecast(6, 2, 6)
        run = lambda model, rows: model(rows)
    else:
        x = torch.randn(ROWS, FEATURES)
        score = torch.stack([x[:, 0] + x[:, 1], x[:, 2] ** 2, -x[:, 3]], 1)
        y = score.argmax(1) if outputs > 1 else (x[:, :1] - x[:, 1:2] ** 2) / 2
        net = modules(recipe, outputs)
        run = lambda model, rows: forward(recipe, model, rows)
    with torch.no_grad():
        x = (x * 1e4).round() / 1e4
        y = y if y.dtype == torch.int64 else (y * 1e4).round() / 1e4
        for parameter in net.parameters():
            parameter.copy_((parameter * 1e4).round() / 1e4)
    start = {name: tensor(value.detach()) for name, value in net.named_parameters()}
    losses = train(recipe, net, run, x, y)
    return {"recipe": recipe, "outputs": outputs, "x": tensor(x), "y": tensor(y), "weights": start, "losses": losses}


if __name__ == "__main__":
    cases = [case("mlp", 3), case("mlp", 1), case("realmlp", 3), case("realmlp", 1), case("tabm", 3), case("tabm", 1), case("series", 1)]
    golden = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "recipes.json"
    golden.write_text(json.dumps({"torch": torch.__version__, "seed": 11, "epochs": EPOCHS, "batch_size": BATCH, "cases": cases}) + "\n")
    for each in cases:
        print(each["recipe"], each["outputs"], [round(loss, 4) for loss in each["losses"]])
