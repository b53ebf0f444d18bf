#!/usr/bin/env python3
"""Golden attributions and spreads of predictions.

Writes ../resources/golden/analysis.json: integrated gradients of a network by autograd along the
way from a baseline (midpoint rule), and the mean and the standard deviation of predictions with
dropout masks. The network reads two standardized columns and a category of three.
"""

import torch
from torch import nn

from golden import write

SEED = 15
STEPS = 64
torch.manual_seed(SEED)
offsets, spans = torch.tensor([2.0, -1.0]), torch.tensor([4.0, 0.5])
net = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3))
with torch.no_grad():
    for parameter in net.parameters():
        parameter.mul_(2)
rows = torch.tensor([[5.0, -0.5], [-3.0, -1.25], [2.5, 0.75]])
cities = torch.eye(3)[[0, 2, 1]]
x = torch.cat([(rows - offsets) / spans, cities], 1)
baselines = {
    "zeros": torch.cat([-offsets / spans, torch.zeros(3)]),
}


def shares(row, baseline, chosen):
    """With more steps where the shares miss the difference by more than half a per cent."""
    begin = net(baseline)[chosen].item()
    difference = net(row)[chosen].item() - begin
    for count in (STEPS, 8 * STEPS, 64 * STEPS):
        each = with_steps(row, baseline, chosen, count)
        size = abs(begin) + abs(difference) + each.abs().sum().item()
        if abs(each.sum().item() - difference) <= max(0.005 * abs(difference), 1e-4 * size):
            break
    return [each[0].item(), each[1].item(), each[2:].sum().item()]


def with_steps(row, baseline, chosen, count):
    steps = (torch.arange(count) + 0.5) / count
    way = (baseline + steps[:, None] * (row - baseline)).requires_grad_(True)
    net(way)[:, chosen].sum().backward()
    return (row - baseline) * way.grad.mean(0)


cases = []
for name, baseline in baselines.items():
    for ofClass in [None, 0, 1]:
        for row in x:
            logits = net(row)
            chosen = logits.argmax().item() if ofClass is None else ofClass
            cases.append({"baseline": name, "class": ofClass,
                          "shares": shares(row, baseline, chosen),
                          "output": logits[chosen].item(),
                          "baseline_output": net(baseline)[chosen].item()})

# Two stacked LSTM layers with dropout between them, and a dense layer.
lstm = nn.LSTM(1, 4, num_layers=2, dropout=0.4, batch_first=True)
head = nn.Linear(4, 1)
series = torch.tensor([[[0.5], [-1.0], [2.0]]])
with torch.no_grad():
    for parameter in [*lstm.parameters(), *head.parameters()]:
        parameter.mul_(2)
    lstm.train()
    sampled = torch.cat([head(lstm(series.repeat(1000, 1, 1))[0][:, -1]) for _ in range(100)])
tensors = {"fc%d.%s" % (i // 2 + 1, kind): getattr(net[i], kind).detach().flatten().tolist()
           for i in (0, 2, 4) for kind in ("weight", "bias")}
recurrent = {name: p.detach().flatten().tolist() for name, p in lstm.named_parameters()}
write("analysis.json", SEED, {
    "torch": torch.__version__, "weights": tensors, "rows": rows.tolist(),
    "cities": [0, 2, 1], "cases": cases,
    "lstm": recurrent, "head": {"weight": head.weight.flatten().tolist(),
                                "bias": head.bias.tolist()},
    "series": series.flatten().tolist(),
    "mean": sampled.mean().item(), "std": sampled.std(unbiased=False).item(),
})
