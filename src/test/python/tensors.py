"""Writes golden/tensors.safetensors and golden/npy/*.npy; numpy decides the bytes of the NPY files."""
import json
import pathlib
import struct

import numpy as np

golden = pathlib.Path(__file__).parent.parent / "resources" / "golden"

# safetensors, laid out by hand from the format's description.
tensors = {
    "f32": ("F32", np.arange(6, dtype="<f4").reshape(2, 3) / 2),
    "f64": ("F64", np.array([1e300, -1e-300], "<f8")),
    "i64": ("I64", np.array([2**63 - 1, -(2**63)], "<i8")),
    "i32": ("I32", np.array([-5], "<i4")),
    "i16": ("I16", np.array([-300], "<i2")),
    "i8": ("I8", np.array([-8], "i1")),
    "u8": ("U8", np.array([200], "u1")),
    "bool": ("BOOL", np.array([False, True])),
}
header, data = {"__metadata__": {"format": "pt"}}, b""
for name, (dtype, array) in tensors.items():
    raw = array.tobytes()
    header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
(golden / "tensors.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)

folder = golden / "npy"
folder.mkdir(exist_ok=True)
for dtype in ["<f2", "<f4", ">f4", "<f8", ">f8", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "|u1", "<u2", ">u2", "<u4", "<u8", "|b1"]:
    array = (np.arange(6) % 2 if dtype == "|b1" else np.arange(6)).astype(dtype).reshape(2, 3)
    name = dtype.replace("<", "le_").replace(">", "be_").replace("|", "")
    np.save(folder / f"{name}.npy", array)
np.save(folder / "fortran.npy", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
np.save(folder / "scalar.npy", np.float32(2.5))
np.save(folder / "empty.npy", np.zeros((0, 3), "<f4"))
for version in [(2, 0), (3, 0)]:
    with open(folder / f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(3, dtype="<f4"), version=version)
