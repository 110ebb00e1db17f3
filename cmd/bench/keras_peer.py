"""Keras as a peer of cmd/bench: trains one of its networks on the CPU.

    go run ./cmd/bench -peer "python3 cmd/bench/keras_peer.py"

The script prints "ready" and its version after an epoch to warm up. For each
line "epoch" it trains one epoch and prints its seconds; "quit" ends it. Keras
runs 50 steps for each call of its graph, which is faster on the CPU; its own
default is --steps-per-execution 1.
"""
import argparse
import pathlib
import sys
import time

import keras
import numpy
import tensorflow
from keras import layers

NETWORKS = {
    "onelayer": lambda: [
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(100, activation="relu"),
        layers.Dense(10, activation="softmax")],
    "twolayer": lambda: [
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(8, 2, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(100, activation="relu"),
        layers.Dense(10, activation="softmax")],
    "edited": lambda: [
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax")],
}


def load(folder, part="train"):
    """The images (N, 28, 28, 1) from 0 to 1, and their classes (N)."""
    folder = pathlib.Path(folder)
    pixels = numpy.fromfile(folder / f"{part}-images-idx3-ubyte", numpy.uint8, offset=16)
    labels = numpy.fromfile(folder / f"{part}-labels-idx1-ubyte", numpy.uint8, offset=8)
    return pixels.reshape(-1, 28, 28, 1).astype("float32") / 255, labels


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--steps-per-execution", type=int, default=50)
    parser.add_argument("--accuracy", action="store_true", help="say the test accuracy after the epoch to warm up")
    args = parser.parse_args()

    tensorflow.config.threading.set_intra_op_parallelism_threads(args.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(args.threads)
    images, labels = load(args.data)
    model = keras.Sequential([keras.Input((28, 28, 1)), *NETWORKS[args.network]()])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"] if args.accuracy else None, steps_per_execution=args.steps_per_execution)

    def epoch():
        start = time.perf_counter()
        model.fit(images, labels, batch_size=args.batch, verbose=0)
        return time.perf_counter() - start

    epoch()
    about = f"Keras {keras.__version__} on TensorFlow {tensorflow.__version__}, {args.steps_per_execution} steps a call"
    if args.accuracy:
        about += f", accuracy {model.evaluate(*load(args.data, 't10k'), verbose=0)[1]:.4f}"
    print("ready", about, flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        print(epoch(), flush=True)


if __name__ == "__main__":
    main()
