// Colours of tensors: zero is paper, one colour for each sign, and what paints
// them. Everything is cached for a theme, because each look paints every row.
import { h } from "./dom.js";
import { state } from "./state.js";

const ends = { value: ["--neg", "--zero", "--pos"], grad: ["--gneg", "--zero", "--gpos"], ink: ["--zero", "--zero", "--ink"] };
const caches = {};
const cache = () => (caches[state.theme] ??= { colours: {}, ramps: {} });

// computed is a CSS colour as the browser gives it, for canvases.
function computed(css) {
  const { colours } = cache();
  if (!colours[css]) {
    const probe = h("i");
    Object.assign(probe.style, { color: css, forcedColorAdjust: "none" });
    document.body.append(probe);
    colours[css] = getComputedStyle(probe).color;
    probe.remove();
  }
  return colours[css];
}

export const colour = (name) => computed(`var(${name})`);

// OKLab is even to the eye: half of a value looks like half of the colour. A mix of a
// colour with itself is "oklab(L a b)". https://bottosson.github.io/posts/oklab
const toLab = (name) => computed(`color-mix(in oklab, var(${name}), var(${name}))`).slice(6, -1).split(" ").map(Number);

const gamma = (c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);

function toRGB([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((c) => Math.round(255 * gamma(Math.min(1, Math.max(0, c)))));
}

// table returns 513 colours of a kind, −1 to 1, as pixels and as CSS.
function table(kind) {
  const { ramps } = cache();
  if (ramps[kind]) return ramps[kind];
  const [neg, zero, pos] = ends[kind].map(toLab);
  const bytes = new Uint8Array(513 * 4).fill(255), css = [];
  for (let i = 0; i < 513; i++) {
    const t = (i - 256) / 256, end = t < 0 ? neg : pos;
    const rgb = toRGB(zero.map((z, j) => z + (end[j] - z) * Math.abs(t) ** 0.8));
    bytes.set(rgb, 4 * i);
    css.push(`rgb(${rgb})`);
  }
  return (ramps[kind] = { pixels: new Uint32Array(bytes.buffer), css });
}

const step = (t) => 256 + Math.round(256 * Math.max(-1, Math.min(1, t || 0)));

// ramp is the CSS colour of t, −1 to 1, of kind "value", "grad" or "ink".
export const ramp = (kind, t) => table(kind).css[step(t)];

// quantile is the |value| that 99.7 % are not above, to 6 %: the bits of a float32
// in their order are bins of a histogram.
const bins = new Uint32Array(4096);
export function quantile(values) {
  bins.fill(0);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (const b of bits) bins[(b & 0x7fffffff) >>> 19]++;
  let above = Math.floor(values.length * 0.003), bin = 4095;
  while (bin > 0 && (above -= bins[bin]) >= 0) bin--;
  return new Float32Array(new Uint32Array([(bin + 1) << 19]).buffer)[0] || 1;
}

// fit gives a canvas the size in CSS pixels, sharp on any screen, and returns its
// context, in CSS pixels and cleared.
export function fit(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1, w = Math.round(width * ratio), ht = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== ht) {
    Object.assign(canvas, { width: w, height: ht });
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
  }
  const ctx = canvas.getContext("2d");
  ctx.setTransform(w / width, 0, 0, ht / height, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

// By size, a canvas with its pixels. One for all sizes would be slower: the browser
// copies a canvas that is written while an earlier drawImage of it is pending.
const scratches = new Map();

function scratchOf(width, height) {
  const key = width + "×" + height;
  if (!scratches.has(key)) {
    const canvas = h("canvas", { width, height }), ctx = canvas.getContext("2d");
    scratches.set(key, { canvas, ctx, image: ctx.createImageData(width, height) });
  }
  return scratches.get(key);
}

// paintMaps paints a tensor of shape (maps, rows, cols), or of weights (filters,
// channels, rows, cols): a filter's channels are tiles of one map. Shapes of fewer
// dimensions are one map.
//
//   scale    the |value| of the full colour
//   kind     "value", "grad" or "ink"
//   columns  maps in a line       gap, cell  in CSS pixels
//   order    the maps to paint (default: all)
//   keep     keep(i): whether value i is painted in full (default: all are)
//
// It returns {columns, cell, gap, lines}, by which a pointer finds its map.
export function paintMaps(canvas, values, shape, { scale = 1, kind = "value", columns = 16, gap = 3, cell = 48, order, keep } = {}) {
  const dims = shape.length < 3 ? [...[1, 1, 1].slice(shape.length), ...shape] : shape;
  const [maps, rows, cols] = [dims[0], dims.at(-2), dims.at(-1)], channels = dims.length > 3 ? dims[1] : 1;
  const side = Math.ceil(Math.sqrt(channels)), W = side * cols, H = Math.ceil(channels / side) * rows;
  const shown = order ?? [...Array(maps).keys()];
  columns = Math.min(columns, shown.length);
  const lines = Math.ceil(shown.length / columns), tall = (cell * H) / W;
  const ctx = fit(canvas, columns * (cell + gap) - gap, lines * (tall + gap) - gap);
  const scratch = scratchOf(W, H * shown.length), pixels = new Uint32Array(scratch.image.data.buffer), { pixels: colours } = table(kind);
  if (channels < side * (H / rows)) pixels.fill(0);
  shown.forEach((map, k) => {
    for (let c = 0; c < channels; c++) {
      const from = (map * channels + c) * rows * cols, to = (k * H + Math.floor(c / side) * rows) * W + (c % side) * cols;
      for (let r = 0; r < rows; r++) for (let x = 0; x < cols; x++) {
        const i = from + r * cols + x, p = colours[step(values[i] / scale)];
        pixels[to + r * W + x] = !keep || keep(i) ? p : (p & 0xffffff) | 0x2e000000; // 18 %
      }
    }
  });
  scratch.ctx.putImageData(scratch.image, 0, 0);
  ctx.imageSmoothingEnabled = false;
  shown.forEach((_, k) => ctx.drawImage(scratch.canvas, 0, k * H, W, H, (k % columns) * (cell + gap), Math.floor(k / columns) * (tall + gap), cell, tall));
  return { columns, cell, gap, lines, tall };
}

// paintBars paints values as bars of width × height CSS pixels, those below zero
// under the line; more than 256 are a strip of colours. A bar that is cut off has a
// tick across its end.
export function paintBars(canvas, values, { scale = 1, kind = "value", width, height, signed = true, part = 0.8 }) {
  const ctx = fit(canvas, width, height), n = values.length, w = width / n;
  if (n > 256) {
    for (let i = 0; i < n; i++) { ctx.fillStyle = ramp(kind, values[i] / scale); ctx.fillRect(i * w, 0, w + 0.5, height); }
    return;
  }
  const base = signed ? height / 2 : height - 1, up = base - 2, down = height - base - 2, wide = w * part, colours = table(kind).css;
  ctx.fillStyle = colour("--line");
  ctx.fillRect(0, base - 0.5, width, 1);
  for (let i = 0; i < n; i++) {
    const t = values[i] / scale, y = Math.max(-1, Math.min(1, t)) * (t < 0 ? down : up), x = i * w + (w - wide) / 2;
    ctx.fillStyle = colours[t < 0 ? 0 : 512];
    ctx.fillRect(x, base - Math.max(y, 0), wide, Math.abs(y));
    if (Math.abs(t) > 1.001) { ctx.fillStyle = colour("--ink"); ctx.fillRect(x - 1, base - y - (t > 0 ? 2 : 0), wide + 2, 2); }
  }
}
