#!/usr/bin/env python3
"""Golden searches of PyTorch's line search for strong Wolfe conditions, on functions of one number in float64.

Writes ../resources/golden/strong_wolfe.json: the length found, the loss there, and how many losses were computed, for
random sums q·t² + s·t + Σ a·cos(b·t + c) that fall at t = 0, and for first lengths from far too short to far too long.
The last ones are so short that the search ends on its way. In the other cases every evaluation has a random answer,
whatever the length: they reach what functions do not.
"""

import math
import random

import torch
from torch.optim.lbfgs import _strong_wolfe

from golden import write

SEED = 15
draw = random.Random(SEED)


number = lambda x: torch.tensor([x], dtype=torch.float64)


def search(answer, first, curvature, small):
    """The length, the loss and the number of evaluations; the answers are pairs of loss and slope by length."""
    loss, slope = answer(0.0)
    found, _, length, evaluations = _strong_wolfe(
        lambda x, t, d: (lambda pair: (pair[0], number(pair[1])))(answer(float(t))),
        number(0.0), first, number(1.0), loss, number(slope), torch.tensor(slope, dtype=torch.float64),
        c2=curvature, tolerance_change=small)
    return float(length), float(found), evaluations


def case(ends):
    while True:
        q, s = 1e-12 if ends else draw.choice([0.001, 0.1, 1]), draw.uniform(-3, 1)
        waves = [[draw.uniform(-2, 2), draw.uniform(0.1, 8), draw.uniform(0, 6)] for _ in range(0 if ends else draw.randrange(4))]

        def loss(t):
            return q * t * t + s * t + sum(a * math.cos(b * t + c) for a, b, c in waves)

        def slope(t):
            return 2 * q * t + s - sum(a * b * math.sin(b * t + c) for a, b, c in waves)

        if slope(0) < -0.01:
            break
    first = 1e-16 if ends else 10 ** draw.uniform(-4, 3)
    curvature, small = draw.choice([(0.9, 1e-9), (0.1, 1e-12), (0.001, 1e-3)])
    length, found, evaluations = search(lambda t: (loss(t), slope(t)), first, curvature, small)
    # The same search, rounded differently.
    other, _, also = search(lambda t: ((1 + 1e-9) * loss(t), (1 + 1e-9) * slope(t)), first, curvature, small)
    if also != evaluations or abs(other - length) > 1e-9 * length:
        # Rounding decides here.
        return case(ends)
    return {"q": q, "s": s, "waves": waves, "first": first, "curvature": curvature, "small_change": small,
            "length": length, "loss": found, "evaluations": evaluations}


def drawn():
    answers = [[0.0, -1.0]] + [[draw.choice([-1, 1, 1e-3, -1e-3]) * draw.random(), draw.choice([-1, 1, -1e-2]) * draw.random()]
                               for _ in range(30)]
    each = iter(answers)
    length, found, evaluations = search(lambda t: next(each), 1.0, 1e-3, 1e-12)
    return {"answers": answers[1:evaluations + 1], "length": length, "loss": found, "evaluations": evaluations}


write("strong_wolfe.json", SEED, {"cases": [case(i >= 200) for i in range(205)], "drawn": [drawn() for _ in range(100)]})
