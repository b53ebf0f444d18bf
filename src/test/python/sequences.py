#!/usr/bin/env python3
"""Golden values of recurrent, attention, embedding and noise layers.

Run with Debian's python3-torch; writes ../resources/golden/sequences.json. PyTorch's own modules are
the reference, with their state_dict as the stored weights.
"""

import torch
from torch import nn
from torch.func import functional_call

from layer_cases import Cases

# Longer chains of float32 products than a single operation's.
TOLERANCE = 2e-5
cases = Cases("sequences.json", 23)


def weights(module, prefix):
    state = {}
    for name, parameter in module.state_dict().items():
        # biases and norms too: zeros would hide a swap
        state[f"{prefix}.{name}"] = torch.randn_like(parameter) * 0.4 + 0.1
    return state


def call(module, w, *inputs, **named):
    inner = {name.split(".", 1)[1]: t for name, t in w.items()}
    return functional_call(module, inner, inputs, named)


def recurrent(name, cell, make, x, layers=1, bidirectional=False, sequences=False, backwards=False, **more):
    module = make(
        x.shape[-1], 3, num_layers=layers, bidirectional=bidirectional, batch_first=True
    )

    def function(w, x):
        states, _ = call(module, w, x.flip(1) if backwards else x)
        if sequences:
            return states
        if not bidirectional:
            return states[:, -1]
        return torch.cat([states[:, -1, :3], states[:, 0, 3:]], -1)

    spec = {"type": cell, "name": "r", "units": 3, **more}
    for member, on in (("bidirectional", bidirectional), ("return_sequences", sequences), ("go_backwards", backwards)):
        if on:
            spec[member] = True
    if layers > 1:
        spec["layers"] = layers
    cases.add(name, [spec], {"x": x}, function, weights(module, "r"), tolerance=TOLERANCE)


CELLS = {"simple_rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
for cell, make in CELLS.items():
    x = torch.randn(2, 5, 4)
    recurrent(f"{cell} last state", cell, make, x)
    recurrent(f"{cell} sequences", cell, make, x, sequences=True)
    recurrent(f"{cell} backwards", cell, make, x, sequences=True, backwards=True)
    recurrent(f"{cell} both ways", cell, make, x, bidirectional=True)
    recurrent(f"{cell} both ways, sequences, two layers", cell, make, x, layers=2, bidirectional=True, sequences=True)
    recurrent(f"{cell} three layers backwards", cell, make, x, layers=3, backwards=True, dropout=0.5)
    recurrent(f"{cell} one step", cell, make, torch.randn(3, 1, 2))

table = {"e.weight": torch.randn(7, 3)}
for axes in ((4, 1), (4, 3), (2, 3, 2)):
    cases.add(
        f"embedding of rows of {list(axes[1:])}",
        [{"type": "embedding", "name": "e", "vocabulary": 7, "dim": 3}],
        {"x": torch.randint(0, 7, axes)},
        lambda w, x: nn.functional.embedding(x, w["e.weight"]),
        table,
    )

attention = nn.MultiheadAttention(6, 2, batch_first=True)
spec = {"type": "multi_head_attention", "name": "a", "heads": 2, "key_dim": 3}
w = weights(attention, "a")
q, v, k = torch.randn(2, 4, 6), torch.randn(2, 5, 6), torch.randn(2, 5, 6)
cases.add("attention to itself", [spec], {"x": q},
          lambda w, x: call(attention, w, x, x, x, need_weights=False)[0], w, tolerance=TOLERANCE)
cases.add("attention of query and value", [{**spec, "inputs": ["q", "v"]}], {"q": q, "v": v},
          lambda w, q, v: call(attention, w, q, v, v, need_weights=False)[0], w, tolerance=TOLERANCE)
cases.add("attention of query, value and key", [{**spec, "inputs": ["q", "v", "k"]}],
          {"q": q, "v": v, "k": k},
          lambda w, q, v, k: call(attention, w, q, k, v, need_weights=False)[0], w, tolerance=TOLERANCE)

encoder = nn.TransformerEncoderLayer(6, 3, 8, dropout=0.0, batch_first=True)
cases.add("transformer_encoder",
          [{"type": "transformer_encoder", "name": "t", "heads": 3, "ff_dim": 8}],
          {"x": torch.randn(2, 4, 6)}, lambda w, x: call(encoder, w, x), weights(encoder, "t"),
          tolerance=TOLERANCE)
cases.add("transformer_encoder predicts without dropout",
          [{"type": "transformer_encoder", "name": "t", "heads": 1, "ff_dim": 5, "dropout": 0.4}],
          {"x": torch.randn(2, 3, 6)},
          lambda w, x: call(nn.TransformerEncoderLayer(6, 1, 5, dropout=0.0, batch_first=True), w, x),
          weights(nn.TransformerEncoderLayer(6, 1, 5, batch_first=True), "t"), tolerance=TOLERANCE)

for layer in ({"type": "spatial_dropout", "rate": 0.5}, {"type": "gaussian_noise", "std": 2.0}):
    cases.add(f"{layer['type']} predicts as identity", [layer], {"x": torch.randn(2, 3, 4)},
              lambda w, x: x * 1)

for layer in (
    {"type": "random_flip"},
    {"type": "random_rotation", "factor": 0.2},
    {"type": "random_translation", "height_factor": 0.3, "width_factor": [0.1, 0.2]},
    {"type": "random_zoom", "height_factor": 0.3, "data_format": "channels_first"},
    {"type": "random_contrast", "factor": 0.5},
):
    cases.add(f"{layer['type']} predicts as identity", [layer], {"x": torch.randn(2, 3, 4, 2)},
              lambda w, x: x * 1)
cases.add("random_crop predicts the middle", [{"type": "random_crop", "height": 3, "width": 2}],
          {"x": torch.randn(2, 6, 4, 2)}, lambda w, x: x[:, 1:4, 1:3] * 1)
cases.add("random_crop predicts the middle, channels first",
          [{"type": "random_crop", "height": 2, "width": 2, "data_format": "channels_first"}],
          {"x": torch.randn(2, 3, 3, 5)}, lambda w, x: x[:, :, 0:2, 1:3] * 1)

cases.write()
