"""Records what Keras 3 computes with the files that package keras writes, for TestRecorded. Once for each version:

    python3 -m venv venv
    venv/bin/pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6 h5py==3.16.0
    KERAS_BACKEND=jax venv/bin/python record.py

    venv/bin/pip install keras==3.5.0 jax==0.4.38 numpy==1.26.4 h5py==3.16.0
    KERAS_BACKEND=jax venv/bin/python record.py

    venv/bin/pip install keras==3.0.5 tensorflow-cpu==2.16.2 numpy==1.26.4 h5py==3.16.0
    KERAS_BACKEND=tensorflow venv/bin/python record.py

TestRecorded itself writes the files, the images and what the float64 loops of graph/graphtest give for them. Any warning
is an error here. recorded/VERSION.json says of every file:

    sha256           of the file
    images           how many were tried
    max_difference   of any result from the float64 one
    other_winners    images whose greatest result is another
"""

import hashlib
import json
import os
import subprocess
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).resolve().parent


def one_layer():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(100, activation="relu"), layers.Dense(10, activation="softmax"),
    ])


def two_layer():
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(8, 2, activation="relu"), layers.MaxPooling2D(2),
        layers.Dropout(0.5), layers.Flatten(),
        layers.Dense(100, activation="relu"), layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "categorical_crossentropy")
    return model


def edited():  # with layers for the activations
    x = i = keras.Input((12, 11, 3))
    for layer in [
        layers.Conv2D(8, 3), layers.ReLU(), layers.Conv2D(6, 3), layers.Activation("relu"),
        layers.Flatten(), layers.Dense(20), layers.ReLU(), layers.Dense(5), layers.Softmax(),
    ]:
        x = layer(x)
    return keras.Model(i, x)


def windows():
    return keras.Sequential([
        keras.Input((26, 21, 3)),
        layers.Conv2D(4, 4, padding="same"), layers.MaxPooling2D(3, 2, padding="same"), layers.Dropout(0.2),
        layers.Conv2D(5, 3, 2, padding="same", activation="relu"),
        layers.ZeroPadding2D(1), layers.MaxPooling2D(3, 2),
        layers.ZeroPadding2D(2), layers.Conv2D(3, 2, 3), layers.MaxPooling2D(2, 1), layers.MaxPooling2D(2, padding="same"),
        layers.Dropout(0.5),
    ])


BUILD = {"onelayer": one_layer, "twolayer": two_layer, "edited": edited, "windows": windows}


def load(path):
    if path.suffix == ".keras":
        return keras.models.load_model(path)
    model = BUILD[path.name.removesuffix(".weights.h5")]()
    model.load_weights(path)
    return model


def record(path):
    model = load(path)
    name = path.name.split(".")[0]
    want = np.fromfile(path.with_name(name + ".y"), "<f8")
    x = np.fromfile(path.with_name(name + ".x"), "<f4")
    c_first = json.loads(path.with_name(name + ".shape").read_text())
    x = x.reshape(-1, *c_first)
    if x.ndim == 4:
        x = x.transpose(0, 2, 3, 1)
    got = np.asarray(model.predict(x, verbose=0, batch_size=500))
    if got.ndim == 4:
        got = got.transpose(0, 3, 1, 2)
    got, want = got.reshape(len(x), -1), want.reshape(len(x), -1)
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "images": len(x),
        "max_difference": float(np.abs(got - want).max()),
        "other_winners": int((got.argmax(1) != want.argmax(1)).sum()),
    }


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["go", "test", "-count=1", "-run=^TestRecorded$", "."], cwd=HERE / "..", check=True,
                       env={**os.environ, "TAPENET_KERAS_DIR": folder})
        warnings.simplefilter("error")
        files = {}
        for p in sorted(Path(folder).iterdir()):
            if p.suffix == ".keras" or p.name.endswith(".h5") and p.name.removesuffix(".weights.h5") in BUILD:
                files[p.name] = record(p)
    result = {"keras": keras.__version__, "backend": keras.backend.backend(), "numpy": np.__version__, "files": files}
    (HERE / "recorded" / f"{keras.__version__}.json").write_text(json.dumps(result, indent=1) + "\n")
    for name, f in files.items():
        print(name, f["images"], f["max_difference"], f["other_winners"], sep="\t")


if __name__ == "__main__":
    main()
