"""Writes golden/initializers.json: the standard deviation and the largest absolute value of the weights that PyTorch
draws for attention. 2,000 layers with the seed 7."""
import json
import pathlib

import torch

golden = pathlib.Path(__file__).parent.parent / "resources" / "golden"
torch.manual_seed(7)
drawn = {}
for _ in range(2000):
    for name, weight in torch.nn.MultiheadAttention(16, 4, batch_first=True).named_parameters():
        drawn.setdefault(name, []).append(weight.detach())
weights = {name: torch.stack(each) for name, each in drawn.items()}
spread = {name: {"std": w.std(correction=0).item(), "largest": w.abs().max().item()} for name, w in weights.items()}
(golden / "initializers.json").write_text(json.dumps({"torch": torch.__version__, "attention": spread}, indent=1) + "\n")
