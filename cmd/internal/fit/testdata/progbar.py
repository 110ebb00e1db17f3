"""Records what Keras's progress bar draws at given times, as fixtures for Go tests.

    python3 -m venv venv
    venv/bin/pip install tensorflow-cpu==2.18.0 keras==3.15.1 numpy==2.0.2
    venv/bin/python progbar.py
"""

import json
from pathlib import Path
from types import SimpleNamespace

from keras.src.utils import io_utils, progbar

# steps, seconds until the first, seconds for each of the others, step that is drawn, its metrics
CASES = [
    (300, 0.5, 0.0034, 1, {"accuracy": 0.1, "loss": 2.3}),
    (300, 0.5, 0.0034, 113, {"accuracy": 0.8, "loss": 0.000625}),
    (300, 0.5, 0.0034, 300, {"accuracy": 0.925, "loss": 0.28994, "val_accuracy": 0.975, "val_loss": 0.08691}),
    (59, 0.3, 0.021, 30, {"accuracy": 1.0, "loss": 0.0}),
    (60000, 0.5, 0.00085, 30000, {"accuracy": 0.5, "loss": 0.00001}),
    (10, 1.5, 1.25, 10, {"accuracy": 0.0, "loss": 2.302585}),
    (2, 60, 60, 1, {"accuracy": 0.5, "loss": 1.0}),
    (2, 60.5, 60, 1, {"accuracy": 0.5, "loss": 1.0}),
    (3, 1800.25, 60, 1, {"accuracy": 0.5, "loss": 1.0}),
]

rows = []
for steps, first, other, step, metrics in CASES:
    now, drawn = [0.0], []
    progbar.time = SimpleNamespace(time=lambda: now[0])
    io_utils.print_msg = lambda text, line_break: drawn.append(text)
    bar = progbar.Progbar(steps, stateless_metrics=set())
    now[0] = first
    bar.update(1, list(metrics.items()), finalize=False)
    now[0] += other * (step - 1)
    end = "val_loss" in metrics
    if step > 1:
        bar.update(step, list(metrics.items()), finalize=end)
    rows.append({
        "step": step, "steps": steps, "time": now[0], "step_time": other if step > 1 else first,
        **metrics, "line": drawn[-1].split("\r")[1],
    })
Path(__file__).with_suffix(".json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
