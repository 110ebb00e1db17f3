"""Records what Keras computes for the OneLayer and TwoLayer networks on MNIST, as fixtures for Go tests.

For each network: initial weights, the loss, probabilities and every gradient of one batch, the weights after
1, 2 and 3 Adam steps on that batch, the gradients once more with non-zero biases, and the history of a short
fit. README.md beside this file lists the tensors.

    python3 -m venv venv
    venv/bin/pip install tensorflow-cpu==2.18.0 keras==3.15.1 numpy==2.0.2
    venv/bin/python record.py [--mnist DIR] [--out DIR]

Two runs on one machine write identical bytes; another kind of CPU may round differently.
"""

import argparse
import gzip
import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D

SEED = 1
BATCH, FIT, VAL = 50, 1000, 500  # the first images of their files
VERSIONS = {"keras": keras.__version__, "numpy": np.__version__, "tensorflow": tf.__version__}


def onelayer():
    return [
        Input((28, 28, 1)),
        Conv2D(16, (5, 5), activation="relu", name="conv1"),
        MaxPooling2D((2, 2), strides=(2, 2)),
        Flatten(),
        Dense(100, activation="relu", name="dense1"),
        Dense(10, activation="softmax", name="dense2"),
    ]


def twolayer():
    return [
        Input((28, 28, 1)),
        Conv2D(16, (5, 5), activation="relu", name="conv1"),
        MaxPooling2D((2, 2), strides=(2, 2)),
        Conv2D(8, (2, 2), activation="relu", name="conv2"),
        MaxPooling2D((2, 2), strides=(2, 2)),
        Flatten(),
        Dense(100, activation="relu", name="dense1"),
        Dense(10, activation="softmax", name="dense2"),
    ]


def compiled(layers, weights=None):
    """A fresh compiled model: Keras's own initial weights from SEED, or the ones given."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(layers())
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    if weights is not None:
        model.set_weights(weights)
    return model


def pytorch_layout(model, arrays):
    """Names a list shaped like model.weights (weights or gradients), and transposes it into PyTorch's layout."""
    named = {}
    flat = None  # row, column, channel of what Flatten reads
    arrays = iter(arrays)
    for layer in model.layers:
        if isinstance(layer, Flatten):
            flat = layer.input.shape[1:]
        if not layer.weights:
            continue
        weight, bias = np.asarray(next(arrays)), np.asarray(next(arrays))
        if isinstance(layer, Conv2D):
            weight = weight.transpose(3, 2, 0, 1)  # ky, kx, in, out -> out, in, ky, kx
        elif flat:  # row, column, channel, out -> out, channel, row, column
            weight = weight.reshape(*flat, -1).transpose(3, 2, 0, 1).reshape(weight.shape[::-1])
            flat = None
        else:
            weight = weight.T
        named[layer.name + ".weight"], named[layer.name + ".bias"] = weight, bias
    return named


def gradients(model, x, y):
    """Loss, probabilities and gradients of one batch, through the model's own loss, in graph mode as fit runs it."""

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            probabilities = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=probabilities)
        return loss, probabilities, tape.gradient(loss, model.trainable_weights)

    loss, probabilities, grads = run()
    return loss.numpy(), probabilities.numpy(), [g.numpy() for g in grads]


def record(layers, data, every):
    """All tensors of one network. Some dense1.weight keep only every `every`-th row (output unit)."""
    out = {}

    def put(prefix, model, arrays, every=1):
        for name, a in pytorch_layout(model, arrays).items():
            if name == "dense1.weight" and every > 1:
                name, a = f"{name}[::{every}]", a[::every]
            out[prefix + name] = a

    x, y = network_input(data["batch/images"]), one_hot(data["batch/labels"])

    # Keras's own initial weights, rounded to multiples of 2^-16 so that they compress.
    init = [np.round(w * 65536) / np.float32(65536) for w in compiled(layers).get_weights()]
    model = compiled(layers, init)
    put("init/", model, init)
    out["loss"], out["probabilities"], grads = gradients(model, x, y)
    put("grad/", model, grads)

    for step in 1, 2, 3:
        model.reset_metrics()
        loss, _ = model.train_on_batch(x, y)
        assert step > 1 or abs(loss - out["loss"]) < 1e-6, "train_on_batch and compute_loss differ"
        put(f"step{step}/", model, model.get_weights(), every)

    # The same weights with biases in -0.1..0.1.
    rng = np.random.default_rng(SEED)
    biased = [rng.uniform(-0.1, 0.1, w.shape).astype(np.float32) if w.ndim == 1 else w for w in init]
    model = compiled(layers, biased)
    for name, a in pytorch_layout(model, biased).items():
        if name.endswith(".bias"):
            out["biased/init/" + name] = a
    out["biased/loss"], out["biased/probabilities"], grads = gradients(model, x, y)
    put("biased/grad/", model, grads, every)

    history = compiled(layers, init).fit(
        network_input(data["fit/images"]), one_hot(data["fit/labels"]),
        batch_size=300, epochs=3, shuffle=False, verbose=0,
        validation_data=(network_input(data["val/images"]), one_hot(data["val/labels"])),
    ).history
    for name, values in history.items():
        out["fit/" + name] = np.array(values, np.float32)
    return out


def network_input(images):
    return images[..., None].astype(np.float32) / np.float32(255)


def one_hot(labels):
    return keras.utils.to_categorical(labels, 10)


def read_mnist(folder):
    def idx(name, header):
        with gzip.open(folder / name) as f:
            return np.frombuffer(f.read(), np.uint8, offset=header)

    def images(name):
        return idx(name, 16).reshape(-1, 28, 28)

    train, train_labels = images("train-images-idx3-ubyte.gz"), idx("train-labels-idx1-ubyte.gz", 8)
    test, test_labels = images("t10k-images-idx3-ubyte.gz"), idx("t10k-labels-idx1-ubyte.gz", 8)
    return {
        "batch/images": train[:BATCH], "batch/labels": train_labels[:BATCH],
        "fit/images": train[:FIT], "fit/labels": train_labels[:FIT],
        "val/images": test[:VAL], "val/labels": test_labels[:VAL],
    }


def write_safetensors_gz(path, tensors):
    """Tensors in order of their names, so that equal tensors give equal bytes."""
    header, data = {"__metadata__": VERSIONS}, b""
    for name in sorted(tensors):
        a = np.asarray(tensors[name])
        dtype = {"uint8": "U8", "float32": "F32"}[a.dtype.name]
        raw = a.astype(a.dtype.newbyteorder("<")).tobytes()  # row-major
        header[name] = {"dtype": dtype, "shape": list(a.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(gzip.compress(len(text).to_bytes(8, "little") + text + data, 9, mtime=0))
    print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors")


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", type=Path, metavar="DIR", default=here / "../../../mnist/data",
                        help="folder of the four MNIST files (default: %(default)s)")
    parser.add_argument("--out", type=Path, metavar="DIR", default=here,
                        help="where to write (default: the folder of this script)")
    args = parser.parse_args()

    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print(" ".join(f"{name} {version}" for name, version in VERSIONS.items()))

    data = read_mnist(args.mnist)
    write_safetensors_gz(args.out / "mnist.safetensors.gz", data)
    for layers, every in (onelayer, 4), (twolayer, 1):
        tensors = record(layers, data, every)
        print(layers.__name__, *(f"{k} {tensors[k]}" for k in sorted(tensors)
                                 if k.endswith("loss") or k.endswith("accuracy")), sep="\n  ")
        write_safetensors_gz(args.out / f"{layers.__name__}.safetensors.gz", tensors)


if __name__ == "__main__":
    main()
