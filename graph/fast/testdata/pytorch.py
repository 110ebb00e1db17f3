"""Record what PyTorch gives for padded, strided, dilated and rectangular windows, for fast_test.TestPyTorch.

    python3 -m venv venv
    venv/bin/pip install numpy torch
    venv/bin/python pytorch.py > pytorch.json

All values are small whole numbers, so that float32 sums are exact, and many pool windows have equal values. (That
PyTorch gives the gradient to the first of them is what we do too.)
"""
import json
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(1)


def whole(*shape):
    return torch.randint(-3, 4, shape).float().requires_grad_()


def flat(t):
    return [int(v) for v in t.detach().flatten()]


def record(kind, x, w, y, **window):
    dy = torch.randint(-3, 4, y.shape).float()
    y.backward(dy)
    case = dict(kind=kind, x=flat(x), xshape=list(x.shape), y=flat(y), yshape=list(y.shape), dy=flat(dy), dx=flat(x.grad), **window)
    if w is not None:
        case.update(w=flat(w), wshape=list(w.shape), dw=flat(w.grad))
    cases.append(case)


cases = []
for n, c, h, wide, f, kernel, pad, stride, dilation in [
    (2, 1, 7, 7, 3, (3, 3), (1, 1), (1, 1), (1, 1)),
    (2, 3, 8, 8, 4, (3, 3), (1, 1), (2, 2), (1, 1)),
    (1, 2, 9, 7, 5, (5, 3), (2, 1), (1, 2), (1, 1)),
    (3, 2, 6, 9, 2, (2, 4), (0, 3), (3, 1), (1, 1)),
    (1, 2, 11, 10, 3, (3, 3), (2, 2), (2, 1), (2, 3)),
    (1, 4, 5, 5, 16, (5, 5), (2, 2), (1, 1), (1, 1)),
    (2, 2, 10, 10, 3, (1, 1), (0, 0), (3, 3), (1, 1)),
]:
    x, w = whole(n, c, h, wide), whole(f, c, *kernel)
    record("Conv2d", x, w, F.conv2d(x, w, None, stride, pad, dilation), pad=pad, stride=stride, dilation=dilation)
for n, c, h, wide, kernel, pad, stride in [
    (2, 3, 8, 8, (2, 2), (0, 0), (2, 2)),
    (1, 2, 9, 9, (3, 3), (1, 1), (2, 2)),
    (2, 2, 7, 10, (3, 2), (1, 0), (1, 1)),
    (1, 1, 11, 8, (2, 5), (1, 2), (3, 2)),
    (1, 3, 7, 7, (2, 2), (0, 0), (3, 3)),
]:
    x = whole(n, c, h, wide)
    record("MaxPool2D", x, None, F.max_pool2d(x, kernel, stride, pad), kernel=kernel, pad=pad, stride=stride)

print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
print("torch", torch.__version__, file=sys.stderr)
