"""JAX as a peer of cmd/bench: trains one of its networks on the CPU.

    go run ./cmd/bench -peer "python3 cmd/bench/jax_peer.py"

The script prints "ready" and its version after an epoch to warm up. For each
line "epoch" it trains one epoch and prints its seconds; "quit" ends it. A step
is one compiled function, which overwrites its parameters and the averages of
Adam.
"""
import argparse
import os
import pathlib
import sys
import time

import numpy

# The filters and sizes of the convolutions, then the units of the dense layers.
NETWORKS = {
    "onelayer": ([(16, 5)], [100, 10]),
    "twolayer": ([(16, 5), (8, 2)], [100, 10]),
    "edited": ([(32, 3), (64, 3)], [128, 10]),
}


def load(folder, part="train"):
    """The images (N, 28, 28, 1) from 0 to 1, and their classes (N)."""
    folder = pathlib.Path(folder)
    pixels = numpy.fromfile(folder / f"{part}-images-idx3-ubyte", numpy.uint8, offset=16)
    labels = numpy.fromfile(folder / f"{part}-labels-idx1-ubyte", numpy.uint8, offset=8)
    return pixels.reshape(-1, 28, 28, 1).astype("float32") / 255, labels.astype("int32")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--accuracy", action="store_true", help="say the test accuracy after the epoch to warm up")
    args = parser.parse_args()

    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["NPROC"] = str(args.threads)  # the threads of XLA, which reads it once
    import jax
    from jax import numpy as jnp

    convolutions, denses = NETWORKS[args.network]

    def initial(key):
        """Weights as Keras draws them, Glorot's uniform, and biases of 0."""
        shapes, channels, side = [], 1, 28
        for filters, size in convolutions:
            shapes.append((size, size, channels, filters))
            channels, side = filters, (side - size + 1) // 2
        width = side * side * channels
        for units in denses:
            shapes.append((width, units))
            width = units
        keys = jax.random.split(key, len(shapes))
        glorot = jax.nn.initializers.glorot_uniform()
        return [(glorot(k, shape), jnp.zeros(shape[-1])) for k, shape in zip(keys, shapes)]

    def pool(x):
        """The maxima of 2x2 windows; a last row or column without a pair is left out."""
        n, rows, cols, channels = x.shape
        rows, cols = rows // 2, cols // 2
        return x[:, :2 * rows, :2 * cols].reshape(n, rows, 2, cols, 2, channels).max(axis=(2, 4))

    def logits(parameters, x):
        for w, b in parameters[:len(convolutions)]:
            x = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = jax.nn.relu(pool(x) + b)
        x = x.reshape(len(x), -1)
        *hidden, (w, b) = parameters[len(convolutions):]
        for v, c in hidden:
            x = jax.nn.relu(x @ v + c)
        return x @ w + b

    def loss(parameters, x, classes):
        return -jnp.take_along_axis(jax.nn.log_softmax(logits(parameters, x)), classes[:, None], axis=1).mean()

    def step(state, x, classes):
        """A step of Adam in Keras's form, whose epsilon is added to the root of v itself."""
        parameters, m, v, t = state
        gradients = jax.grad(loss)(parameters, x, classes)
        t += 1
        m = jax.tree.map(lambda m, g: m + (g - m) * (1 - 0.9), m, gradients)
        v = jax.tree.map(lambda v, g: v + (g * g - v) * (1 - 0.999), v, gradients)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), parameters, m, v)
        return parameters, m, v, t

    images, labels = load(args.data)
    shuffle = numpy.random.default_rng().permutation
    parameters = initial(jax.random.key(time.time_ns() % 2**32))
    state = parameters, jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters), jnp.float32(0)
    step = jax.jit(step, donate_argnums=0)

    def epoch():
        nonlocal state
        start = time.perf_counter()
        order = shuffle(len(labels))
        for first in range(0, len(order), args.batch):
            batch = order[first:first + args.batch]
            state = step(state, images[batch], labels[batch])
        jax.block_until_ready(state)
        return time.perf_counter() - start

    epoch()
    about = f"JAX {jax.__version__}"
    if args.accuracy:
        images_of_test, classes = load(args.data, "t10k")
        about += f", accuracy {(logits(state[0], images_of_test).argmax(axis=1) == classes).mean():.4f}"
    print("ready", about, flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        print(epoch(), flush=True)


if __name__ == "__main__":
    main()
