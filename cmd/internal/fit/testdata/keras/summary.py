"""Records what Keras prints for model.summary() of three networks on terminals of 66, 80 and 120 columns, as
fixtures for Go tests.

    python3 -m venv venv
    venv/bin/pip install tensorflow-cpu==2.18.0 keras==3.15.1 numpy==2.0.2
    venv/bin/python summary.py
"""

import os
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here / "../../../../../train/testdata/keras"))
sys.dont_write_bytecode = True

import keras
from keras import layers as L
from record import onelayer, twolayer


def dropping():
    return [
        keras.Input((28, 28, 1)),
        L.Conv2D(6, 5, padding="same", activation="relu", name="conv1"), L.MaxPooling2D(3, 2, padding="same"), L.Dropout(0.25),
        L.Conv2D(16, 4, 3, padding="same", activation="relu", name="conv2"), L.Flatten(), L.Dropout(0.5), L.Dense(10, activation="softmax", name="dense1"),
    ]


for columns, suffix in ("80", ""), ("66", "_66"), ("120", "_120"):
    os.environ["COLUMNS"] = columns
    for title, layers in ("OneLayer", onelayer), ("TwoLayer", twolayer), ("Dropping", dropping):
        keras.utils.clear_session()
        with open(here / f"{layers.__name__}{suffix}.txt", "w") as f:
            keras.Sequential(layers(), name=title).summary(print_fn=lambda text: print(text, end="", file=f))
