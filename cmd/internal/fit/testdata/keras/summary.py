"""Records what Keras prints for model.summary() of the two networks at 80 columns, as fixtures for Go tests.

    python3 -m venv venv
    venv/bin/pip install tensorflow-cpu==2.18.0 keras==3.15.1 numpy==2.0.2
    venv/bin/python summary.py
"""

import os
import sys
from pathlib import Path

os.environ["COLUMNS"] = "80"
here = Path(__file__).resolve().parent
sys.path.insert(0, str(here / "../../../../../train/testdata/keras"))
sys.dont_write_bytecode = True

import keras
from record import onelayer, twolayer

for title, layers in ("OneLayer", onelayer), ("TwoLayer", twolayer):
    with open(here / f"{layers.__name__}.txt", "w") as f:
        keras.Sequential(layers(), name=title).summary(print_fn=lambda text: print(text, end="", file=f))
