"""Records when Keras's EarlyStopping ends a training, as fixtures for Go tests.

    python3 -m venv venv
    venv/bin/pip install keras==3.15.1 jax
    KERAS_BACKEND=jax venv/bin/python early_stopping.py

Losses are whole numbers of 64ths, so that sums are exact in float32.
"""

import json
import random
from pathlib import Path
from types import SimpleNamespace

from keras.callbacks import EarlyStopping

random.seed(1)
rows = []
for case in range(40):
    epochs = random.randint(1, 20)
    losses = [random.randint(8, 40 - e) / 64 for e in range(epochs)]
    patience, min_delta = random.randint(1, 5), random.choice([0, 0, 1, 4]) / 64
    model = SimpleNamespace(stop_training=False, get_weights=list, set_weights=lambda w: None, metrics=[])
    stop = EarlyStopping(patience=patience, min_delta=min_delta, restore_best_weights=True)
    stop.set_model(model)
    stop.on_train_begin()
    ran = 0
    while ran < epochs and not model.stop_training:
        stop.on_epoch_end(ran, {"val_loss": losses[ran]})
        ran += 1
    rows.append({"losses": losses, "patience": patience, "min_delta": min_delta,
                 "ran": ran, "stopped": model.stop_training, "best": stop.best_epoch + 1})
Path(__file__).with_suffix(".json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
