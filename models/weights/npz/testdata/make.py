"""Writes the .npz files of this folder: python3 make.py, with numpy 2."""

import io
import zipfile

import numpy as np

TYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]
NUMBERS = {"?": [0, 1, 1, 0, 1, 0], "i": [0, 1, -1, 100, -128, 127], "u": [0, 1, 2, 100, 254, 255],
           "f": [0, 1, -1.5, 2**-24, -65504, np.inf]}

arrays = {}
for t in TYPES:
    for order in "<>":
        name = t.replace("?", "b1") + ("_little" if order == "<" else "_big")
        arrays[name] = np.array(NUMBERS[t[0]], t).reshape(2, 3).astype(np.dtype(t).newbyteorder(order))
np.savez("types.npz", **arrays)

counting = np.arange(2 * 3 * 4, dtype="<i4").reshape(2, 3, 4)
np.savez_compressed(
    "orders.npz",
    c=counting,
    fortran=np.asfortranarray(counting),
    fortran_big=np.asfortranarray(counting.astype(">i4")),
    column=np.asfortranarray(np.arange(5, dtype="u1").reshape(5, 1)),
    scalar=np.float32(2.5),
    none=np.zeros((0, 28, 28), "u1"),
    none_fortran=np.asfortranarray(np.zeros((2, 0, 3), "f4")),
    ones=np.ones((1000, 100), "u1"),
)

with zipfile.ZipFile("versions.npz", "w") as z:
    for version in [(1, 0), (2, 0), (3, 0)]:
        b = io.BytesIO()
        np.lib.format.write_array(b, counting, version)
        z.writestr(f"v{version[0]}.npy", b.getvalue())

np.savez(
    "refused.npz",
    objects=np.array([{}, None], object),
    records=np.zeros(2, [("x", "f4"), ("y", "f4")]),
    text=np.array(["ab"]),
    bytes=np.array([b"ab"]),
    complex=np.zeros(2, "c8"),
    dates=np.zeros(2, "M8[s]"),
    void=np.zeros(2, "V2"),
    good=np.zeros(1, "u1"),
)
