// One tensor of any shape as a small picture and as words.
import { minus } from "./dom.js";
import { paintMaps, quantile } from "./ramp.js";

// view is the tensor as maps that a picture has room for: a long row is broken into
// lines, of a large matrix it is the upper left corner.
function view(values, shape) {
  if (shape.filter((n) => n > 1).length < 2) {
    const n = values.length, w = n <= 32 ? n : n <= 800 ? 50 : 96;
    return [values, [1, Math.ceil(n / w), w]]; // the rest of the last line is painted as zero
  }
  if (shape.length > 2) return [values, shape];
  const h = Math.min(shape[0], 24), w = Math.min(shape[1], 96), corner = new Float32Array(h * w);
  for (let r = 0; r < h; r++) corner.set(values.subarray(r * shape[1], r * shape[1] + w), r * w);
  return [corner, [1, h, w]];
}

// paint paints a tensor of one image in at most width CSS pixels. Without a scale,
// its 99.7 % quantile has the full colour.
export function paint(canvas, values, shape, width, kind, scale = quantile(values)) {
  const [shown, maps] = view(values, shape), n = Math.min(maps[0], 32), gap = 2, [h, w] = maps.slice(-2);
  const cell = n > 1 ? Math.floor((width + gap) / 8) - gap : Math.min(width, w * (h > 4 ? 8 : 24), (Math.max(112, width / 3) * w) / h);
  paintMaps(canvas, shown, maps, { kind, scale, columns: 8, gap, cell, order: [...Array(n).keys()] });
}

export const number = (v) => minus(Number(v.toPrecision(3)));

export function extremes(values) {
  let low = Infinity, high = -Infinity;
  for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
  return [low, high];
}

// bounds says the smallest and the largest value, size the shape.
export function bounds(values) {
  const [low, high] = extremes(values);
  return low === high ? number(low) : `${number(low)} … ${number(high)}`;
}
export const size = (shape) => shape.join("×") || "one number";
