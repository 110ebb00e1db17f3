"""Records what PyTorch makes of a file of package weights, for TestPyTorchRecorded.

    python3 -m venv venv
    venv/bin/pip install numpy safetensors torch
    venv/bin/python pytorch.py
"""

import hashlib
import json
import os
import subprocess
import tempfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

HERE = Path(__file__).resolve().parent

model = nn.Sequential(OrderedDict([
    ("conv1", nn.Conv2d(3, 8, 3)), ("relu1", nn.ReLU()), ("conv2", nn.Conv2d(8, 6, 3)), ("relu2", nn.ReLU()),
    ("flatten", nn.Flatten()),
    ("dense1", nn.Linear(6 * 8 * 7, 20)), ("relu3", nn.ReLU()),
    ("dense2", nn.Linear(20, 5)), ("softmax", nn.Softmax(dim=1)),
]))

with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["go", "test", "-count=1", "-run=^TestPyTorchRecorded$", "."], cwd=HERE.parent, check=True,
                   env={**os.environ, "TAPENET_PYTORCH_DIR": folder})
    path = Path(folder) / "edited.safetensors"
    model.load_state_dict(load_file(path))
    x = np.fromfile(path.with_suffix(".x"), "<f4").reshape(-1, 3, 12, 11)
    want = np.fromfile(path.with_suffix(".y"), "<f8").reshape(len(x), -1)
    with torch.no_grad():
        got = model(torch.from_numpy(x)).numpy()
    recorded = {
        "torch": torch.__version__,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "images": len(x),
        "max_difference": float(np.abs(got - want).max()),
        "other_winners": int((got.argmax(1) != want.argmax(1)).sum()),
    }
(HERE / "pytorch.json").write_text(json.dumps(recorded, indent=1) + "\n")
print(recorded)
