"""Records what ONNX's checker and ONNX Runtime say of the models that package onnx writes, for TestRecorded.

    python3 -m venv venv
    venv/bin/pip install onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
    venv/bin/python record.py

TestRecorded itself writes the models, the images and what the float64 loops of graph/graphtest give for them: the
trained networks on MNIST's 10,000 test images and small networks on random ones. Of every model recorded.json says:

    sha256           of the file; it passed the full check, and protobuf's own encoding has the same bytes
    shapes           of the results of all layers, by ONNX's strict shape inference
    producer, metadata
    images           one at a time (the first 100) and 1000 at a time
    max_difference   of any result from the float64 one
    other_winners    images whose greatest result is another
"""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

HERE = Path(__file__).resolve().parent


def record(path):
    data = path.read_bytes()
    model = onnx.load_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    assert model.SerializeToString(deterministic=True) == data, "protobuf writes other bytes"

    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
    shapes = {}
    for v in [*inferred.value_info, *inferred.output]:
        shapes[v.name] = [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (x_info,), (y_info,) = session.get_inputs(), session.get_outputs()
    x = np.fromfile(path.with_suffix(".x"), "<f4").reshape(-1, *x_info.shape[1:])
    want = np.fromfile(path.with_suffix(".y"), "<f8").reshape(len(x), -1)

    def run(batch):
        (y,) = session.run([y_info.name], {"image": batch})
        assert list(y.shape[1:]) == y_info.shape[1:]
        return y.reshape(len(batch), -1)

    got = np.concatenate([run(x[i : i + 1000]) for i in range(0, len(x), 1000)])
    singly = np.concatenate([run(x[i : i + 1]) for i in range(100)])
    meta = session.get_modelmeta()
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "producer": f"{meta.producer_name} {model.producer_version}",
        "metadata": dict(sorted(meta.custom_metadata_map.items())),
        "shapes": shapes,
        "images": len(x),
        "max_difference": float(max(np.abs(got - want).max(), np.abs(singly - want[:100]).max())),
        "other_winners": int((got.argmax(1) != want.argmax(1)).sum() + (singly.argmax(1) != want[:100].argmax(1)).sum()),
    }


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["go", "test", "-count=1", "-run=^TestRecorded$", "."], cwd=HERE / "../..", check=True,
                       env={**os.environ, "TAPENET_ONNX_DIR": folder})
        models = {p.stem: record(p) for p in sorted(Path(folder).glob("*.onnx"))}
    result = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "numpy": np.__version__, "models": models}
    text = json.dumps(result, indent=1)
    (HERE / "recorded.json").write_text(text + "\n")
    for name, m in models.items():
        print(name, m["images"], m["max_difference"], m["other_winners"], sep="\t")


if __name__ == "__main__":
    main()
