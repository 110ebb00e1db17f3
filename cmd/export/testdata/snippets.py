"""Runs the commands and the code of docs/export.md as they are written, and records
how far the probabilities for MNIST's 10,000 test images are from a computation in
float64 and from Tapenet's own.

    python3 -m venv venv
    venv/bin/pip install numpy safetensors onnxruntime keras tensorflow-cpu torch
    venv/bin/python snippets.py

It needs Go, writes snippets.json beside itself and takes about a minute. Code that
is the same for both networks (ONNX Runtime, Keras's load_model) is run again with
the name of the other one.
"""

import gzip
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version

import numpy
from safetensors.numpy import load_file

here = pathlib.Path(__file__).resolve().parent
root = here.parents[2]
NETWORKS = ["onelayer", "twolayer"]
FIRST = 20  # images of which the float64 probabilities are recorded


def float64(name, x):
    """The probabilities of the network whose weights name.safetensors has."""
    w = {k: v.astype(numpy.float64) for k, v in load_file(name + ".safetensors").items()}
    for conv in [k for k in ["conv1", "conv2"] if k + ".weight" in w]:
        filters, bias = w[conv + ".weight"], w[conv + ".bias"]
        side = filters.shape[2]
        windows = numpy.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(2, 3))  # N C H W K K
        n, c, rows, cols = windows.shape[:4]
        x = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * rows * cols, c * side * side) @ filters.reshape(len(filters), -1).T + bias
        x = numpy.maximum(x.reshape(n, rows, cols, -1).transpose(0, 3, 1, 2), 0)
        rows, cols = rows // 2, cols // 2
        x = x[:, :, :2 * rows, :2 * cols].reshape(n, -1, rows, 2, cols, 2).max(axis=(3, 5))
    x = x.reshape(len(x), -1)
    x = numpy.maximum(x @ w["dense1.weight"].T + w["dense1.bias"], 0)
    x = x @ w["dense2.weight"].T + w["dense2.bias"]
    x = numpy.exp(x - x.max(axis=1, keepdims=True))
    return x / x.sum(axis=1, keepdims=True)


def difference(a, b):
    return float(abs(numpy.asarray(a, numpy.float64) - b).max())


def main():
    with gzip.open(root / "mnist/data/t10k-images-idx3-ubyte.gz") as f:
        pixels = numpy.frombuffer(f.read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    images = (pixels / numpy.float32(255)).astype(numpy.float32)
    text = (root / "docs/export.md").read_text()
    result = {"versions": {p: version(p) for p in ["numpy", "safetensors", "onnxruntime", "keras", "tensorflow-cpu", "torch"]}, "python": sys.version.split()[0],
              "images": len(images), "networks": {}, "blocks": [], "commands": []}
    work = tempfile.TemporaryDirectory()
    os.chdir(work.name)
    subprocess.run(["go", "build", "-C", root, "-o", work.name + "/bin/", "./cmd/..."], check=True)
    subprocess.run(["go", "build", "-C", root, "-o", work.name + "/bin/", "cmd/export/testdata/probabilities.go"], check=True)
    subprocess.run(["bin/probabilities"], check=True)

    exact, own = {}, {}

    def block(code, run_as, name):
        space = {"images": images} | scope
        exec(compile(run_as, "docs/export.md", "exec"), space)
        entry = {"sha256": hashlib.sha256(code.encode()).hexdigest()}
        if "probabilities" in run_as:
            p = space["probabilities"]
            assert p.shape == (len(images), 10) and p.dtype == numpy.float32, (p.shape, p.dtype)
            entry |= {"network": name, "float64": difference(p, exact[name]), "tapenet": difference(p, own[name]),
                      "other_winners": int((p.argmax(1) != exact[name].argmax(1)).sum())}
            scope["model"] = space.get("model")
        result["blocks"].append(entry)
        print(entry, code.splitlines()[0])

    scope = {}  # what a later block may use of an earlier one
    parts = re.finditer(r"(?m)^    go run \./cmd/(\w+) (.*)$|^```python\n((?:.*\n)*?)```$", text)
    for part in parts:
        command, args, code = part.groups()
        if command:
            out = subprocess.run(["bin/" + command, *args.split()], check=True, capture_output=True, text=True)
            result["commands"].append({"command": f"{command} {args}", "stdout": out.stdout, "stderr": out.stderr})
            print(result["commands"][-1])
            continue
        if not exact:
            for name in NETWORKS:
                exact[name] = float64(name, pixels / 255.0)
                own[name] = numpy.fromfile(name + ".f32", "<f4").reshape(-1, 10)
                result["networks"][name] = {"tapenet_from_float64": difference(own[name], exact[name]), "first": exact[name][:FIRST].tolist()}
        name = "twolayer" if "twolayer" in code else "onelayer"
        block(code, code, name)
        if re.search(r"onelayer\.(onnx|keras)", code):
            block(code, code.replace("onelayer", "twolayer"), "twolayer")

    (here / "snippets.json").write_text(json.dumps(result, indent=1) + "\n")


main()
