"""Shared by the scripts that write golden values with PyTorch."""

import json
import pathlib

import torch

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "resources" / "golden"


def tensor(t):
    """A tensor as JSON: shape, type and row-major elements."""
    t = t.detach().cpu().contiguous()
    kind = "int64" if t.dtype in (torch.int64, torch.bool) else "float32"
    flat = t.to(torch.int64 if kind == "int64" else torch.float32).flatten().tolist()
    # nine digits identify a float32
    data = flat if kind == "int64" else [float(f"{x:.9g}") for x in flat]
    return {"type": kind, "shape": list(t.shape), "data": data}


def write(name, seed, body):
    GOLDEN.mkdir(parents=True, exist_ok=True)
    document = {"made_by": "src/test/python", "torch": torch.__version__, "seed": seed, **body}
    text = json.dumps(document, separators=(",", ":")).replace('{"name"', '\n{"name"')
    (GOLDEN / name).write_text(text + "\n")
    print(name, len(text))
