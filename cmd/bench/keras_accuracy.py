"""Trains the four runs of the notebook with Keras several times and prints the
test accuracy of each, one JSON object a line.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu
    venv/bin/python keras_accuracy.py --times 5

No seed is set, as in the notebook: with keras.utils.set_random_seed, fit goes
over the images in the same order every epoch (its permutation is a tf.data map
that starts anew), and the accuracies are lower by 0.001.
"""

import argparse
import gzip
import json
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

RUNS = [("onelayer", 200, 10), ("twolayer", 200, 10), ("twolayer", 1024, 10), ("twolayer", 1024, 25)]


def read(folder, name, header):
    data = gzip.decompress((folder / (name + ".gz")).read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def load(folder, part):
    images = read(folder, part + "-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1).astype("float32") / 255
    return images, keras.utils.to_categorical(read(folder, part + "-labels-idx1-ubyte", 8), 10)


def build(network):
    layers = [keras.Input((28, 28, 1)), Conv2D(16, (5, 5), activation="relu"), MaxPooling2D()]
    if network == "twolayer":
        layers += [Conv2D(8, (2, 2), activation="relu"), MaxPooling2D()]
    layers += [Flatten(), Dense(100, activation="relu"), Dense(10, activation="softmax")]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    flags = argparse.ArgumentParser()
    flags.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).parent / "../../mnist/data")
    flags.add_argument("--times", type=int, default=5)
    args = flags.parse_args()
    train, test = load(args.data, "train"), load(args.data, "t10k")
    for repeat in range(1, args.times + 1):
        for run, (network, batch, epochs) in enumerate(RUNS, 1):
            model = build(network)
            start = time.time()
            model.fit(*train, batch_size=batch, epochs=epochs, validation_data=test, verbose=0)
            seconds = time.time() - start
            accuracy = model.evaluate(*test, verbose=0)[1]
            print(json.dumps(dict(run=run, repeat=repeat, accuracy=round(accuracy, 4), seconds=round(seconds, 1))), flush=True)


if __name__ == "__main__":
    main()
