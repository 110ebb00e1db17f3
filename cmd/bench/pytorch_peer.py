"""PyTorch as a peer of cmd/bench: trains one of its networks on the CPU.

    go run ./cmd/bench -peer "python3 cmd/bench/pytorch_peer.py"

The script prints "ready" and its version after an epoch to warm up. For each
line "epoch" it trains one epoch and prints its seconds; "quit" ends it. The
images stay in memory as tensors, because a DataLoader would take longer than
the network. The channels are last and Adam is fused, which took the least time
on a core of Zen 3; --channels-first, --adam and --compile are there to be tried.
"""
import argparse
import pathlib
import sys
import time

import numpy
import torch
from torch import nn

NETWORKS = {
    "onelayer": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2304, 100), nn.ReLU(),
        nn.Linear(100, 10)),
    "twolayer": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 8, 2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(200, 100), nn.ReLU(),
        nn.Linear(100, 10)),
    "edited": lambda: nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1600, 128), nn.ReLU(),
        nn.Linear(128, 10)),
}


def load(folder, part="train"):
    """The images (N, 1, 28, 28) from 0 to 1, and their classes (N)."""
    folder = pathlib.Path(folder)
    pixels = numpy.fromfile(folder / f"{part}-images-idx3-ubyte", numpy.uint8, offset=16)
    labels = numpy.fromfile(folder / f"{part}-labels-idx1-ubyte", numpy.uint8, offset=8)
    images = torch.from_numpy(pixels.reshape(-1, 1, 28, 28)).float() / 255
    return images, torch.from_numpy(labels).long()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--channels-first", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--adam", choices=["fused", "foreach", "loop"], default="fused", help="which of PyTorch's forms of Adam")
    parser.add_argument("--accuracy", action="store_true", help="say the test accuracy after the epoch to warm up")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    images, labels = load(args.data)
    model = NETWORKS[args.network]()
    for layer in model:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):  # as Keras does
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    if not args.channels_first:
        images = images.to(memory_format=torch.channels_last)
        model = model.to(memory_format=torch.channels_last)
    form = {"fused": args.adam == "fused", "foreach": args.adam == "foreach"}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, **form)
    loss = nn.CrossEntropyLoss()
    forward = torch.compile(model) if args.compile else model

    def epoch():
        start = time.perf_counter()
        for batch in torch.randperm(len(labels)).split(args.batch):
            optimizer.zero_grad()
            loss(forward(images[batch]), labels[batch]).backward()
            optimizer.step()
        return time.perf_counter() - start

    epoch()
    about = f"PyTorch {torch.__version__}"
    if args.accuracy:
        images_of_test, classes = load(args.data, "t10k")
        with torch.no_grad():
            about += f", accuracy {(model(images_of_test).argmax(1) == classes).float().mean():.4f}"
    print("ready", about, flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        print(epoch(), flush=True)


if __name__ == "__main__":
    main()
