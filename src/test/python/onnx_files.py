"""Checks ONNX files with ONNX's own checker and a second ONNX Runtime.

Run OnnxExportTest with -Donnx.files=FOLDER, then this: /usr/bin/python3 onnx_files.py FOLDER.
Written for onnx 1.17 and onnxruntime 1.21, which know the operators up to version 22. Both register the
operators, and say so on stderr.
"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime

LAST_OPSET = 22

checked = skipped = 0
onnxruntime.set_default_logger_severity(4)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    model = onnx.load(path)
    if model.opset_import[0].version > LAST_OPSET:
        skipped += 1
        continue
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path)
    rows = {}
    for value in session.get_inputs():
        shape = [5, *value.shape[1:]]
        rows[value.name] = numpy.ones(shape, "i8" if "int64" in value.type else "f4")
    for value, result in zip(session.get_outputs(), session.run(None, rows)):
        assert list(result.shape) == [5, *value.shape[1:]], (path, value, result.shape)
    checked += 1
print(f"{checked} files are valid; {skipped} are of a later version")
