#!/usr/bin/env python3
"""Golden values of lambda layers: every function and operator of expressions.

Run with Debian's python3-torch; writes ../resources/golden/expressions.json.
"""

import torch
import torch.nn.functional as F

from layer_cases import Cases

cases = Cases("expressions.json", 17)
x = torch.randn(3, 4)
positive = torch.rand(3, 4) + 0.5
inside = torch.rand(3, 4) * 1.6 - 0.8
cube = torch.randn(2, 3, 4)


def add(expression, x, function, parameters=None, **more):
    layer = {"type": "lambda", "name": "f", "expression": expression}
    weights = {}
    if parameters:
        layer["parameters"] = parameters
        weights = {f"f.{n}": torch.tensor(v) for n, v in parameters.items()}
    cases.add("lambda " + expression, [layer], {"x": x}, function, weights, **more)


for name, given, function in (
    ("abs", x, torch.abs),
    ("exp", x, torch.exp),
    ("log", positive, torch.log),
    ("log1p", positive, torch.log1p),
    ("sqrt", positive, torch.sqrt),
    ("square", x, torch.square),
    ("sin", x, torch.sin),
    ("cos", x, torch.cos),
    ("tan", inside, torch.tan),
    ("asin", inside, torch.asin),
    ("acos", inside, torch.acos),
    ("atan", x, torch.atan),
    ("sinh", x, torch.sinh),
    ("cosh", x, torch.cosh),
    ("tanh", x, torch.tanh),
    ("sigmoid", x, torch.sigmoid),
    ("relu", x, torch.relu),
    ("softplus", x, F.softplus),
    ("erf", x, torch.erf),
    ("sign", x, torch.sign),
    ("floor", x, torch.floor),
    ("step", x, lambda t: (t >= 0).float()),
):
    add(f"{name}(x)", given, lambda w, t, f=function: f(t))

add("3*sin(x) + 0.5*x^2", x, lambda w, t: 3 * torch.sin(t) + 0.5 * t**2)
add("-x^2", x, lambda w, t: -(t**2))
add("2^-x", x, lambda w, t: 2.0**-t)
add("2^x^2", inside, lambda w, t: 2.0 ** (t**2))
add("1 - x - 2", x, lambda w, t: 1 - t - 2)
add("8 / x / 2", positive, lambda w, t: 8 / t / 2)
add("x^2.5", positive, lambda w, t: t**2.5)
add("pow(x, x)", positive, lambda w, t: t**t)
add("pi*x - e", x, lambda w, t: torch.pi * t - torch.e)
add("a*x^2 + b*x + c", x, lambda w, t: w["f.a"] * t**2 + w["f.b"] * t + w["f.c"], {"a": 3.0, "b": -0.5, "c": 0.25})
add("min(x, 0.3) + max(x, -0.2)", x, lambda w, t: t.clamp(max=0.3) + t.clamp(min=-0.2))
add("clip(x, -0.5, 0.5)", x, lambda w, t: t.clamp(-0.5, 0.5))
add("where(x > 0, x, exp(x) - 1)", x, lambda w, t: torch.where(t > 0, t, torch.exp(t) - 1))
add("where(x <= 0.1, 1, 0)*x", x, lambda w, t: (t <= 0.1) * t)
add("x*(x < 0.5) + (x >= 0.5)", x, lambda w, t: t * (t < 0.5) + (t >= 0.5))
add("(x == 0) + (x != 0)*x", x, lambda w, t: t)
add("sum(x)", cube, lambda w, t: t.sum((1, 2)).unsqueeze(1))
add("mean(x)*x", cube, lambda w, t: t.mean((1, 2), keepdim=True) * t)
add("norm(x, -1)", cube, lambda w, t: t.norm(dim=-1))
add("norm(x)", cube, lambda w, t: t.flatten(1).norm(dim=1, keepdim=True))
add("sum(x, 0)", cube, lambda w, t: t.sum(1))
add("mean(x, 1)", cube, lambda w, t: t.mean(2))
add("x - sum(x, 0)", cube, lambda w, t: t - t.sum(1, keepdim=True))
add("x[..., 0]", cube, lambda w, t: t[..., 0])
add("x[1]*2", cube, lambda w, t: t[:, 1] * 2)
add("x[:, 1:-1] + x[0, 2]", cube, lambda w, t: t[:, :, 1:-1] + t[:, 0, 2].reshape(2, 1, 1))
add("concat(x, 2*x)", cube, lambda w, t: torch.cat([t, 2 * t], -1))
add("concat(x, x[0:1], x, 0)", cube, lambda w, t: torch.cat([t, t[:, 0:1], t], 1))

a, b = torch.randn(2, 3, 4), torch.randn(2, 4)
cases.add(
    "lambda of several inputs",
    [{"type": "lambda", "name": "f", "expression": "a*b + k", "inputs": ["a", "b"], "parameters": {"k": 2.0}}],
    {"a": a, "b": b},
    lambda w, a, b: a * b.unsqueeze(1) + w["f.k"],
    {"f.k": torch.tensor(2.0)},
)
cases.add(
    "lambda matmul",
    [{"type": "lambda", "expression": "matmul(a, b)", "inputs": ["a", "b"]}],
    {"a": a, "b": torch.randn(2, 4, 5)},
    lambda w, a, b: a @ b,
)
cases.add(
    "lambda behind a dense layer",
    [
        {"type": "dense", "name": "y", "units": 1},
        {"type": "lambda", "name": "f", "expression": "3*sin(y) + 0.5*y^2"},
    ],
    {"x": x},
    lambda w, x: (lambda y: 3 * torch.sin(y) + 0.5 * y**2)(F.linear(x, w["y.weight"], w["y.bias"])),
    {"y.weight": torch.randn(1, 4), "y.bias": torch.randn(1)},
)
add("x - mean(x, 1, keepdims)", cube, lambda w, t: t - t.mean(2, keepdim=True))
add("x / norm(x, keepdims=true)", cube, lambda w, t: t / t.norm(dim=(1, 2), keepdim=True))

cases.write()
