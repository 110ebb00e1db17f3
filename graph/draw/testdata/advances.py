"""Records how wide letters are in fonts that a picture's style sheet asks for.

    apt-get install fonts-dejavu-core fonts-liberation
    python3 advances.py > advances.json

DejaVu is what most Linux systems have; Liberation has the widths of Arial and
Helvetica. A width is in em, the size of the letters. Only Python's own library
is needed: the widths are in the tables cmap and hmtx of a TrueType file.
"""

import json
import struct
import sys

FOLDER = "/usr/share/fonts/truetype/"
FONTS = {
    "bold": ["dejavu/DejaVuSans-Bold.ttf", "liberation/LiberationSans-Bold.ttf"],
    "plain": ["dejavu/DejaVuSans.ttf", "liberation/LiberationSans-Regular.ttf"],
    "mono": ["dejavu/DejaVuSansMono.ttf", "liberation/LiberationMono-Regular.ttf"],
}
LETTERS = [chr(c) for c in range(32, 127)] + list("×·−…→∂Σ⊙ᵀµ")


def widths(path):
    with open(path, "rb") as f:
        font = f.read()

    def numbers(kind, at, count=1):
        return struct.unpack_from(f">{count}{kind}", font, at)

    tables = {}
    for i in range(numbers("H", 4)[0]):
        entry = 12 + 16 * i
        tables[font[entry : entry + 4]] = numbers("I", entry + 8)[0]
    per_em = numbers("H", tables[b"head"] + 18)[0]
    last = numbers("H", tables[b"hhea"] + 34)[0] - 1  # glyphs after it are as wide

    cmap = tables[b"cmap"]
    for i in range(numbers("H", cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * i)
        if (platform, encoding) == (3, 1) and numbers("H", cmap + offset)[0] == 4:
            table = cmap + offset
    segments = numbers("H", table + 6)[0] // 2
    ends = numbers("H", table + 14, segments)
    starts_at = table + 16 + 2 * segments
    starts = numbers("H", starts_at, segments)
    deltas = numbers("H", starts_at + 2 * segments, segments)
    ranges_at = starts_at + 4 * segments
    ranges = numbers("H", ranges_at, segments)

    def glyph(code):
        s = next(i for i, end in enumerate(ends) if end >= code)
        if starts[s] > code:
            return 0
        if ranges[s] == 0:
            return (code + deltas[s]) % 65536
        g = numbers("H", ranges_at + 2 * s + ranges[s] + 2 * (code - starts[s]))[0]
        return (g + deltas[s]) % 65536 if g else 0

    found = {}
    for letter in LETTERS:
        g = glyph(ord(letter))
        if g:
            found[letter] = round(numbers("H", tables[b"hmtx"] + 4 * min(g, last))[0] / per_em, 4)
    return found


json.dump(
    {style: {path.split("/")[1]: widths(FOLDER + path) for path in paths} for style, paths in FONTS.items()},
    sys.stdout,
    ensure_ascii=False,
    indent=0,
)
print()
