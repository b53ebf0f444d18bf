#!/usr/bin/env python3
"""Golden learning rates of every schedule, for each step of a training.

Writes ../resources/golden/schedules.json. A schedule of epochs is PyTorch's, asked once an epoch; one_cycle
is asked once a step. The warm-up is written out here: it is linear per step up to the schedule's first rate.
"""

import math
import warnings

import torch
from torch.optim import lr_scheduler as S

from golden import write

warnings.filterwarnings("ignore")
RATE, EPOCHS, STEPS = 0.02, 20, 3


def rates(make, epochs, per_step=False):
    """PyTorch's rates of all steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    schedule = make(optimizer)
    found = []
    for epoch in range(epochs):
        for step in range(STEPS):
            found.append(optimizer.param_groups[0]["lr"])
            if per_step and (epoch, step) != (epochs - 1, STEPS - 1):
                schedule.step()
        if not per_step:
            schedule.step()
    return found


def warmed(make, warmup, per_step=False):
    after = rates(make, EPOCHS - warmup, per_step)
    steps = warmup * STEPS
    return [after[0] * (i + 1) / steps for i in range(steps)] + after


def plateau(spec, values):
    """PyTorch reduces when the bad epochs exceed its patience, Keras and this service when they reach it."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    schedule = S.ReduceLROnPlateau(
        optimizer, mode=spec.get("mode", "min"), factor=spec["factor"], patience=spec["patience"] - 1,
        threshold=spec["min_delta"], threshold_mode="abs", eps=0)
    found = []
    for value in values:
        found += [optimizer.param_groups[0]["lr"]] * STEPS
        schedule.step(value)
    return found


half = EPOCHS * STEPS
cases = []


def case(name, spec, expected, values=None):
    cases.append({"name": name, "schedule": spec, "rates": [float(f"{r:.12g}") for r in expected],
                  **({"values": values} if values else {})})


step = lambda o: S.StepLR(o, 6, 0.5)
case("constant", {"type": "constant"}, [RATE] * half)
case("constant, warm-up", {"type": "constant", "warmup_epochs": 4}, warmed(lambda o: S.LambdaLR(o, lambda e: 1), 4))
case("step", {"type": "step", "every": 6, "factor": 0.5}, rates(step, EPOCHS))
case("step, warm-up", {"type": "step", "every": 6, "factor": 0.5, "warmup_epochs": 3}, warmed(step, 3))
case("step by default", {"type": "step", "every": 8}, rates(lambda o: S.StepLR(o, 8), EPOCHS))
case("exponential", {"type": "exponential", "factor": 0.9}, rates(lambda o: S.ExponentialLR(o, 0.9), EPOCHS))
case("cosine", {"type": "cosine"}, rates(lambda o: S.CosineAnnealingLR(o, EPOCHS), EPOCHS))
case("cosine, minimum, warm-up", {"type": "cosine", "minimum": 0.001, "warmup_epochs": 2},
     warmed(lambda o: S.CosineAnnealingLR(o, EPOCHS - 2, eta_min=0.001), 2))
case("polynomial", {"type": "polynomial", "power": 2}, rates(lambda o: S.PolynomialLR(o, EPOCHS, 2), EPOCHS))
case("polynomial, end", {"type": "polynomial", "power": 0.5, "end": 0.005},
     [0.005 + (RATE - 0.005) * (1 - i // STEPS / EPOCHS) ** 0.5 for i in range(half)])
cycle = lambda o, n=EPOCHS, f=0.3: S.OneCycleLR(
    o, 0.1, total_steps=n * STEPS, pct_start=f, div_factor=0.1 / RATE, final_div_factor=1e4, cycle_momentum=False)
case("one_cycle", {"type": "one_cycle", "peak": 0.1}, rates(cycle, EPOCHS, True))
case("one_cycle, fraction", {"type": "one_cycle", "peak": 0.1, "warmup_fraction": 0.5},
     rates(lambda o: cycle(o, f=0.5), EPOCHS, True))
case("one_cycle, warm-up", {"type": "one_cycle", "peak": 0.1, "warmup_epochs": 5},
     warmed(lambda o: cycle(o, EPOCHS - 5), 5, True))
case("multi_step", {"type": "multi_step", "epochs": [4, 9, 15], "factor": 0.3},
     rates(lambda o: S.MultiStepLR(o, [4, 9, 15], 0.3), EPOCHS))
case("cosine_restarts", {"type": "cosine_restarts", "period": 6},
     rates(lambda o: S.CosineAnnealingWarmRestarts(o, 6), EPOCHS))
case("cosine_restarts, growing", {"type": "cosine_restarts", "period": 3, "factor": 2},
     rates(lambda o: S.CosineAnnealingWarmRestarts(o, 3, 2), EPOCHS))
waves = lambda n, cycles: [RATE * (1 - math.cos(2 * math.pi * math.log2(1 + (2**cycles - 1) * i / n))) / 2 for i in range(n)]
flat = lambda n: [RATE if i < n / 2 else RATE * (1 + math.cos(math.pi * (2 * i / n - 1))) / 2 for i in range(n)]
case("coslog", {"type": "coslog"}, waves(half, 4))
case("coslog, two cycles", {"type": "coslog", "cycles": 2}, waves(half, 2))
case("flat_cosine", {"type": "flat_cosine"}, flat(half))
rest = half - 3 * STEPS
case("flat_cosine, warm-up", {"type": "flat_cosine", "warmup_epochs": 3},
     [RATE * (i + 1) / (3 * STEPS) for i in range(3 * STEPS)] + flat(rest))
case("expression", {"type": "expression", "expression": "0.1 * 0.5^floor(epoch / 4) + where(epoch > 15, erf(0.1), 0)"},
     [0.1 * 0.5 ** ((i // STEPS + 1) // 4) + (math.erf(0.1) if i // STEPS + 1 > 15 else 0) for i in range(half)])
falling = [1.0, 0.8, 0.8, 0.79995, 0.7, 0.71, 0.72, 0.73, 0.69, 0.68, 0.7, 0.7, 0.7, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.5]
spec = {"factor": 0.5, "patience": 3, "min_delta": 1e-4}
case("reduce_on_plateau", {"type": "reduce_on_plateau", "monitor": "loss", **spec}, plateau(spec, falling), falling)
case("reduce_on_plateau, rising", {"type": "reduce_on_plateau", "monitor": "val_accuracy", **spec},
     plateau({**spec, "mode": "max"}, [1 - v for v in falling]), [1 - v for v in falling])

write("schedules.json", 0, {"learning_rate": RATE, "epochs": EPOCHS, "steps": STEPS, "cases": cases})
