"""Writes the files of this folder as Keras's users do: python3 make.py, with Keras 3.15.1 (as for record.py).

Each has the same weights, which say where they are: v is a kernel's row*64 + column*16 + channel*4 + filter or, of the
dense layer, the same of the image that was flattened; a bias is 200 + filter or unit.
"""

import shutil

import h5py
import keras
import numpy as np
from keras import layers


def build(dtype="float32", extra=()):
    model = keras.Sequential([
        keras.Input((6, 9, 3)),
        layers.Conv2D(2, 3, activation="relu", dtype=dtype), layers.MaxPooling2D(2), layers.Dropout(0.5),  # to (2, 3, 2)
        *extra,
        layers.Flatten(), layers.Dense(4, activation="softmax", dtype=dtype),
    ])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def where(shape):
    y, x, c, f = np.indices(shape)
    return (y * 64 + x * 16 + c * 4 + f).astype("f4")


def fill(model):
    conv, dense = (l for l in model.layers if isinstance(l, (layers.Conv2D, layers.Dense)))
    conv.set_weights([where((3, 3, 3, 2)), 200 + np.arange(2)])
    dense.set_weights([where((2, 3, 2, 4)).reshape(12, 4), 200 + np.arange(4)])
    return model


fresh = fill(build())
fresh.save_weights("fresh.weights.h5")
trained = build()
trained.fit(np.random.rand(8, 6, 9, 3), np.eye(4)[np.arange(8) % 4], epochs=2, verbose=0)
fill(trained)
trained.save_weights("adam.weights.h5")
trained.save("adam.keras")
trained.save("legacy.h5")
for dtype in ["float16", "bfloat16"]:
    fill(build(dtype)).save_weights(dtype + ".weights.h5")
fill(build(extra=[layers.BatchNormalization()])).save_weights("extra.weights.h5")

shutil.copy("fresh.weights.h5", "old.weights.h5")
with h5py.File("old.weights.h5", "a") as f:  # as TensorFlow 2.13 called it
    f.move("layers", "_layer_checkpoint_dependencies")
with h5py.File("fresh.weights.h5") as f:
    for name, libver, options in [("latest", "latest", {}), ("chunked", None, {"compression": "gzip"}),
                                  ("big", None, {"dtype": ">f4"}), ("float64", None, {"dtype": "<f8"})]:
        with h5py.File(name + ".weights.h5", "w", libver=libver) as to:
            def copy(path, d):
                if isinstance(d, h5py.Dataset) and d.shape:
                    to.create_dataset(path, data=d[()], **options)
            f.visititems(copy)
