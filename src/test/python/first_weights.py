"""Writes golden/first_weights.json: the first weights of dense layers that a batch decides, by the formulas of
Holzmüller et al. 2024 (weights "std", biases "he+5") in numpy: three layers, one of them with NTK's parametrization and
one with a unit whose sums do not vary. The draws are given, so that only the formulas are compared."""
import json
import pathlib

import numpy as np

random = np.random.default_rng(5)
x = random.normal(size=(12, 3)) * [1, 5, 0.1] + [0, 2, -1]
x[:, 2] = 0.25
layers = []
for units, ntk in ((4, False), (5, True), (1, False)):
    drawn = random.normal(size=(units, x.shape[1]))
    if not layers:
        drawn[0, :2] = 0  # sees the constant alone
    factor = 1 / np.sqrt(x.shape[1]) if ntk else 1
    z = x @ drawn.T * factor
    std = z.std(axis=0, ddof=0)
    varies = std > 1e-6 * np.abs(z).mean(axis=0)
    scale = np.where(varies, 1 / np.where(varies, std, 1), 1)
    rows = random.integers(0, len(x), size=(5, units))
    shares = random.exponential(size=(5, units))
    shares /= shares.sum(axis=0)
    z = z * scale
    bias = -(np.take_along_axis(z, rows, axis=0) * shares).sum(axis=0)
    layers.append({"units": units, "sums": (x @ drawn.T * factor).round(5).ravel().tolist(), "factor": scale.tolist(),
                   "rows": rows.ravel().tolist(), "shares": shares.ravel().tolist(), "bias": bias.tolist()})
    x = np.tanh(z + bias)
golden = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "first_weights.json"
golden.write_text(json.dumps({"numpy": np.__version__, "layers": layers}) + "\n")
