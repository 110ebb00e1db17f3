"""Time Gorgonia's example convnet in PyTorch, and each of its layers, at batches of 100: milliseconds of the forward pass
and the gradients, the smallest and the median. BenchmarkOps measures the same with Gorgonia's ops and with ours.

    python3 -m venv venv
    venv/bin/pip install numpy torch
    venv/bin/python pytorch_convnet.py [times]
"""
import sys
import time

import torch
import torch.nn.functional as F

times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
torch.manual_seed(1)


def measure(name, run):
    took = []
    for i in range(times + 3):
        start = time.perf_counter()
        run()
        took.append(1e3 * (time.perf_counter() - start))
    took = sorted(took[3:])
    print(f"{name:24} {took[0]:8.2f} {took[len(took) // 2]:8.2f}", flush=True)


def op(name, f, *shapes, wrt=0):
    """Time f of tensors with these shapes, and the gradients of those from number wrt on."""
    tensors = [torch.randn(s) for s in shapes]
    for t in tensors[wrt:]:
        t.requires_grad_()
    dy = torch.ones_like(f(*tensors))

    def run():
        torch.autograd.grad(f(*tensors), tensors[wrt:], dy)

    measure(name, run)


weights = [torch.randn(s) / s[1] ** 0.5 / 3 for s in [(32, 1, 3, 3), (64, 32, 3, 3), (128, 64, 3, 3)]]
weights += [torch.randn(1152, 625) / 34, torch.randn(625, 10) / 25]
for w in weights:
    w.requires_grad_()
x = torch.rand(100, 1, 28, 28)
y = torch.full((100, 10), 0.1)
y[torch.arange(100), torch.randint(10, (100,))] = 0.9


def convnet():
    h = x
    for w, rate in zip(weights, [0.2, 0.2, 0]):
        h = F.dropout(F.max_pool2d(F.relu(F.conv2d(h, w, padding=1)), 2), rate)
    h = F.dropout(F.relu(F.dropout(h.reshape(100, -1), 0.2) @ weights[3]), 0.55)
    torch.autograd.grad(-torch.log(F.softmax(h @ weights[4], 1) * y).mean(), weights)


print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
measure("convnet", convnet)
op("Conv2d-1x28x28-32", lambda x, w: F.conv2d(x, w, padding=1), (100, 1, 28, 28), (32, 1, 3, 3), wrt=1)
op("Conv2d-32x14x14-64", lambda x, w: F.conv2d(x, w, padding=1), (100, 32, 14, 14), (64, 32, 3, 3))
op("Conv2d-64x7x7-128", lambda x, w: F.conv2d(x, w, padding=1), (100, 64, 7, 7), (128, 64, 3, 3))
op("BroadcastAdd-32x28x28", lambda x, b: x + b, (100, 32, 28, 28), (1, 32, 1, 1))
op("Rectify-32x28x28", F.relu, (100, 32, 28, 28))
op("MaxPool2D-32x28x28", lambda x: F.max_pool2d(x, 2), (100, 32, 28, 28))
op("Dropout-32x14x14", lambda x: F.dropout(x, 0.2), (100, 32, 14, 14))
op("Mul-1152-625", torch.matmul, (100, 1152), (1152, 625))
op("SoftMax-1000", lambda x: F.softmax(x, 1), (100, 1000))
