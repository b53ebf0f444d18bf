#!/usr/bin/env python3
"""Golden values of survival targets: the loss cox with its gradient, and the metric concordance.

Writes ../resources/golden/survival.json. Neither lifelines nor scikit-survival is needed: the loss
is Efron's formula, term by term, in PyTorch with float64, whose autograd gives the gradient; the
concordance compares all pairs. Times and risks have ties, also between events and censored rows.
"""

import numpy
import torch

from golden import write

SEED = 29
CASES = 40


def cox(risk, time, event):
    """-log of the partial likelihood with Efron's ties, divided by the number of events."""
    total = risk.sum() * 0
    for t in time[event > 0].unique():
        dead = (time == t) & (event > 0)
        count = int(dead.sum())
        at_risk = risk[time >= t].exp().sum()
        for l in range(count):
            total = total + (at_risk - l / count * risk[dead].exp().sum()).log()
        total = total - risk[dead].sum()
    return total / max(1, int((event > 0).sum()))


def concordance(risk, time, event):
    """Harrell's C over all pairs of which one row is known to have had its event earlier."""
    right = pairs = 0
    for i in range(len(risk)):
        for j in range(len(risk)):
            earlier = time[i] < time[j] or (time[i] == time[j] and not event[j])
            if event[i] and earlier:
                pairs += 1
                right += 1 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0
    return right / pairs if pairs else None


def case(number, random):
    rows = int(random.integers(2, 30))
    risk = random.normal(size=rows) * random.choice([0.5, 3, 40])
    if number % 3 == 0:
        risk = numpy.round(risk)
    time = numpy.float32(random.exponential(5, rows) + 0.1)
    if number % 2 == 0:
        time = numpy.float32(random.integers(1, 6, rows))
    event = (random.random(rows) < random.choice([0, 0.3, 0.9, 1])).astype(float)
    leaf = torch.tensor(risk, requires_grad=True)
    loss = cox(leaf, torch.tensor(time, dtype=torch.float64), torch.tensor(event))
    loss.backward()
    return {
        "name": f"case {number}",
        "risk": risk.tolist(),
        "time": [float(t) for t in time],
        "event": event.tolist(),
        "loss": loss.item(),
        "gradient": leaf.grad.tolist(),
        "concordance": concordance(risk, time, event),
    }


if __name__ == "__main__":
    random = numpy.random.default_rng(SEED)
    write("survival.json", SEED, {"cases": [case(n, random) for n in range(CASES)]})
