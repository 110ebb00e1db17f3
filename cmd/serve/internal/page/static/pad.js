// The pad: strokes as lists of coordinates, 0 to 1 of its side, drawn with the
// pointer or with the keys; or an example of the test images.
import { h } from "./dom.js";
import { current, onLook, request } from "./look.js";
import { colour, fit, paintMaps, quantile } from "./ramp.js";
import { on, set, state } from "./state.js";

const thick = 0.075; // of the pen, about what the server draws for a digit that fills the pad
const limit = { strokes: 64, points: 4000 }; // of the server

let strokes = [], example = null, next = 4;
let pen = null; // of the keys: {x, y, down}
let waiting = false;

export const canvas = h("canvas", {
  id: "pad", tabindex: 0, role: "application", "aria-describedby": "padHelp",
  "aria-label": "Drawing pad. Draw a digit with the pointer, or move the pen with the arrow keys; Space lowers and raises it.",
});
const under = h("canvas"), ink = h("canvas"); // ∂/∂x and the example, in pixels of the image

export const drawn = () => strokes.length > 0;

// changed asks for a look and paints, once a frame.
function changed() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    request(example === null ? { strokes } : { example });
    paint();
  });
}

export function undo() {
  if (example !== null) return clear();
  strokes.pop();
  set({ step: null });
  changed();
}

export function clear() {
  [strokes, example] = [[], null];
  if (pen) pen.down = false;
  set({ step: null });
  changed();
}

export function showExample() {
  [strokes, example, next] = [[], next, (next + 1) % 10000];
  set({ step: null });
  changed();
}

function start(x, y) {
  if (example !== null) [strokes, example] = [[], null];
  set({ step: null });
  if (strokes.length < limit.strokes) strokes.push([]);
  extend(x, y);
}

function extend(x, y) {
  const s = strokes.at(-1), near = Math.hypot(x - s.at(-2), y - s.at(-1)) < 0.004;
  if (near || strokes.reduce((n, t) => n + t.length / 2, 0) >= limit.points) return;
  const inside = (v) => Math.round(1000 * Math.min(1.4, Math.max(-0.4, v))) / 1000;
  s.push(inside(x), inside(y));
  changed();
}

function place(e) {
  const box = canvas.getBoundingClientRect();
  return [(e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height];
}

canvas.addEventListener("pointerdown", (e) => {
  if (e.button) return;
  canvas.setPointerCapture(e.pointerId);
  pen = null;
  start(...place(e));
});
canvas.addEventListener("pointermove", (e) => {
  if (!canvas.hasPointerCapture(e.pointerId)) return;
  const moves = e.getCoalescedEvents?.() ?? [];
  for (const move of moves.length ? moves : [e]) extend(...place(move));
});

canvas.addEventListener("keydown", (e) => {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
  if (!by && e.key !== " ") return;
  e.preventDefault();
  pen ??= { x: 0.5, y: 0.5, down: false };
  if (by) {
    pen.x = Math.min(1, Math.max(0, pen.x + by[0] / 20));
    pen.y = Math.min(1, Math.max(0, pen.y + by[1] / 20));
    if (pen.down) extend(pen.x, pen.y);
  } else if ((pen.down = !pen.down)) start(pen.x, pen.y);
  paint();
});
canvas.addEventListener("blur", () => { pen = null; paint(); });

export function paint() {
  const size = canvas.parentElement?.clientWidth;
  if (!size) return; // the tab is not shown
  const ctx = fit(canvas, size, size), look = current, gradient = state.view === "backward" ? look?.grad("x") : null;
  if (gradient) {
    ctx.imageSmoothingEnabled = false;
    image(ctx, under, gradient, "grad", quantile(gradient), size);
    ctx.globalAlpha = 0.6;
  }
  if (example !== null && look) {
    ctx.imageSmoothingEnabled = true;
    if (gradient) ctx.globalCompositeOperation = state.theme === "dark" ? "lighten" : "darken";
    image(ctx, ink, look.value("x"), "ink", 1, size);
    ctx.globalCompositeOperation = "source-over";
  }
  ctx.lineWidth = thick * size;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.strokeStyle = colour("--ink");
  ctx.beginPath();
  for (const s of strokes) {
    ctx.moveTo(s[0] * size, s[1] * size);
    for (let i = 0; i < s.length; i += 2) ctx.lineTo(s[i] * size + 0.01, s[i + 1] * size); // 0.01: a point is a dot
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (!pen) return;
  ctx.lineWidth = pen.down ? 4 : 1.5;
  ctx.strokeStyle = colour("--pos");
  ctx.beginPath();
  ctx.arc(pen.x * size, pen.y * size, 9, 0, 7);
  ctx.stroke();
}

// image paints the first channel of an image where the server placed the pad in it.
function image(ctx, small, values, kind, scale, size) {
  const look = current, [, rows, cols] = look.model.input;
  paintMaps(small, values, [1, rows, cols], { kind, scale, columns: 1, gap: 0, cell: cols });
  const s = size / look.scale;
  ctx.drawImage(small, -look.dx * s, -look.dy * s, cols * s, rows * s);
}

onLook(paint);
on(["view", "theme"], paint);
