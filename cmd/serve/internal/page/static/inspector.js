// The inspector: the arithmetic of one chosen value, from what the op reads to its
// sum. Its elements are made once; each look writes and paints into them.
import { button, h, minus, press, write } from "./dom.js";
import { current, onLook } from "./look.js";
import { best } from "./model.js";
import { colour, paintBars, paintMaps, quantile } from "./ramp.js";
import { poolAfter } from "./rows.js";
import { on, set, state } from "./state.js";

const figure = (name) => {
  const canvas = h("canvas"), caption = h("figcaption");
  return { canvas, caption, el: h("figure", { class: name }, canvas, caption) };
};
const figures = { window: figure("window"), kernel: figure("kernel"), map: figure("map"), pool: figure("pool") };
const title = h("h2"), sentence = h("span", { class: "mute" }), sum = h("div", { class: "sum mono" }), channels = h("ol", { class: "channels mono" });
const pressed = (button) => button.getAttribute("aria-pressed") === "true";
const toggle = (text) => button(text, (e) => { press(e.target, !pressed(e.target)); inspect(); }, { "aria-pressed": "false" });
const times = toggle("weight × input"), tabular = toggle("Table");
const close = button("×", () => set({ row: null }), { class: "btn close", "aria-label": "Close" });
const table = h("div", { class: "table mono", tabindex: 0, hidden: true });

export const container = h("section", { class: "card inspector", "aria-label": "Inspector" },
  h("div", { class: "row head" }, title, sentence, h("span", { class: "sp" }), times, tabular, close),
  h("div", { class: "figures" }, figures.window.el, figures.kernel.el, sum, channels, figures.map.el, figures.pool.el), table);

let lit = -1, channel = null; // the product under the pointer, the input channel that is shown
let side = 150; // of a figure, in CSS pixels

const short = (v) => (v === 0 ? "0" : Number.isNaN(v) ? "" : minus(v.toFixed(2).replace(/^-0\.00$/, "0.00")).replace(/^(−?)0\./, "$1."));
const exact = (v) => minus(v.toFixed(4));
const next = (look, layer, by = 1) => look.model.layers[look.model.layers.indexOf(layer) + by];
const part = (values, k, size) => values.subarray(k * size, (k + 1) * size);

// target is what is chosen: {layer, k, r, c}, a value of filter k of a convolution, or
// {layer, unit} of a Dense layer; null if it comes from neither.
function target(look) {
  const { layers } = look.model, name = state.row?.name;
  let layer = layers.find((l) => l.name === name || l.params.includes(name));
  let cell = layer && layer.name === name ? state.row.cell : -1; // −1: the largest of the map
  layer ??= layers.find((l) => l.params.length);
  if (!layer) return null;
  if (layer.out.length < 3) {
    while (layer && layer.kind !== "Dense") layer = next(look, layer, -1);
    return layer ? { layer, unit: Math.min(Math.max(cell, 0), layer.out[0] - 1) } : null;
  }
  const k = Math.min(state.column, layer.out[0] - 1);
  for (; ["MaxPool2D", "Rectify", "Dropout"].includes(layer?.kind); layer = next(look, layer, -1))
    if (layer.kind === "MaxPool2D" && cell >= 0) cell = part(look.winners(layer.name), k, layer.out[1] * layer.out[2])[cell];
  if (layer?.kind !== "Conv2d") return null;
  const [, rows, cols] = layer.out;
  if (cell < 0) cell = best(part(look.value(layer.name), k, rows * cols));
  return { layer, k, r: Math.floor(cell / cols), c: cell % cols };
}

// windowOf returns how a layer of windows moves over its input, as its text says: the
// window of output (r, c) starts at row r·stride − top, column c·stride − left.
function windowOf({ kind, text, in: [, H, W], out: [, rows, cols] }, side) {
  const number = (method) => Number(new RegExp(`\\.${method}\\((\\d+)\\)`).exec(text)?.[1]);
  const stride = number("Stride") || (kind === "Conv2d" ? 1 : side);
  const before = (size, outputs) => (text.includes(".Same()") ? Math.max((outputs - 1) * stride + side - size, 0) >> 1 : number("Pad") || 0);
  return { stride, top: before(H, rows), left: before(W, cols) };
}

function source(look, layer) {
  let before = next(look, layer, -1);
  while (before?.kind === "Flatten") before = next(look, before, -1);
  return before?.name ?? "x";
}

export function inspect() {
  container.classList.toggle("chosen", !!state.row?.pinned);
  if (!current || !container.clientWidth) return; // not shown
  const t = target(current);
  for (const f of Object.values(figures)) f.el.hidden = true;
  channels.hidden = sum.hidden = true;
  times.hidden = t?.unit === undefined;
  table.hidden = !t || !pressed(tabular);
  if (!t) { write(title, "Inspector"); write(sentence, "choose a map or a unit of a layer with weights"); }
  else if (t.unit === undefined) convolution(current, t);
  else unit(current, t);
}

// convolution shows window × kernel, their sum, and what Rectify and pooling make of it.
function convolution(look, t) {
  const { layer, k, r, c } = t, [, rows, cols] = layer.out, { window, weight, partial, K } = products(look, t);
  side = innerWidth <= 760 || partial.length > 1 ? 112 : 150;
  write(title, `Filter ${k + 1}, row ${r + 1}, column ${c + 1}`);
  const ch = Math.min(channel ?? best(partial.map(Math.abs)), partial.length - 1), n = K * K;
  const name = source(look, layer), of = partial.length > 1 ? `, channel ${ch + 1}` : "";
  const x = part(window, ch, n), w = part(weight, ch, n);
  cells(figures.window, x, K, name === "x" ? "ink" : "value", look.model.value.get(name).scale, `${K}×${K} of ${name}${of}`);
  cells(figures.kernel, w, K, "value", look.model.parameter.get(layer.params[0]).scale, `filter ${k + 1}${of}`);
  if (partial.length > 1) partials(partial, ch);
  const note = lit in x ? `${exact(x[lit])} × ${exact(w[lit])} = ${exact(x[lit] * w[lit])}` : "point at a product";
  sums(look, layer, k, k * rows * cols + r * cols + c, partial.reduce((a, b) => a + b, 0), note);
  pooled(look, t);
}

// products returns the window of the input and the weights of filter k, channel by
// channel, and the sum of products of each channel.
function products(look, { layer, k, r, c }) {
  const x = look.value(source(look, layer)), [C, H, W] = layer.in, K = look.model.parameter.get(layer.params[0]).shape.at(-1), n = K * K;
  const weight = part(look.parameter(layer.params[0]), k, C * n), window = new Float32Array(C * n), partial = Array(C).fill(0);
  const { stride, top, left } = windowOf(layer, K);
  for (let i = 0; i < C * n; i++) {
    const ch = Math.floor(i / n), row = r * stride - top + Math.floor((i % n) / K), col = c * stride - left + ((i % n) % K);
    if (row >= 0 && row < H && col >= 0 && col < W) window[i] = x[ch * H * W + row * W + col];
    partial[ch] += window[i] * weight[i];
  }
  return { window, weight, partial, K };
}

// pooled shows the filter's map with the winner of each pooling window, the window of
// the chosen cell, and says what becomes of the cell.
function pooled(look, { layer, k, r, c }) {
  const pool = poolAfter(layer), rectified = next(look, layer)?.kind === "Rectify", shown = rectified ? next(look, layer).name : layer.name;
  const [, rows, cols] = layer.out, values = part(look.value(shown), k, rows * cols), { scale } = look.model.value.get(shown), u = (side + 20) / cols;
  const { canvas, caption, el } = figures.map;
  el.hidden = false;
  write(caption, `filter ${k + 1}'s map` + (pool ? " · dots: winners" : ""));
  paintMaps(canvas, values, [1, rows, cols], { scale, columns: 1, gap: 0, cell: side + 20 });
  tabulate(values, rows, cols);
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = ctx.strokeStyle = colour("--ink");
  ctx.lineWidth = 2;
  ctx.strokeRect(c * u, r * u, u, u);
  if (!pool) return write(sentence, "");

  const [, pr, pc] = pool.out, won = part(look.winners(pool.name), k, pr * pc), wins = (w) => !rectified || values[w] > 0;
  for (const w of won) if (wins(w)) {
    ctx.beginPath();
    ctx.arc(((w % cols) + 0.5) * u, (Math.floor(w / cols) + 0.5) * u, 1.25, 0, 7);
    ctx.fill();
  }
  // Windows may overlap: the one that the cell wins, or else the last that it is in.
  const P = Number(/\d+/.exec(pool.text.slice(9))), { stride, top, left } = windowOf(pool, P), me = r * cols + c, first = won.indexOf(me);
  const i = first < 0 ? Math.min(pr - 1, Math.floor((r + top) / stride)) : Math.floor(first / pc);
  const j = first < 0 ? Math.min(pc - 1, Math.floor((c + left) / stride)) : first % pc;
  const y = i * stride - top, x = j * stride - left, w = won[i * pc + j];
  if (r >= y + P || c >= x + P) return write(sentence, "in no pooling window: dropped");
  ctx.lineWidth = 1;
  ctx.strokeRect(x * u - 1, y * u - 1, P * u + 2, P * u + 2);
  const inside = (cell) => (Math.floor(cell / cols) - y) * P + (cell % cols) - x; // its place in the window
  const around = Float32Array.from({ length: P * P }, (_, q) => {
    const row = y + Math.floor(q / P), col = x + (q % P);
    return row >= 0 && row < rows && col >= 0 && col < cols ? values[row * cols + col] : NaN; // padding
  });
  cells(figures.pool, around, P, "value", scale, `its ${P}×${P} window → ${exact(values[w])}`, wins(w) ? inside(w) : -1, inside(me));
  write(sentence, !wins(w) ? "nobody wins: all of its pooling window are zero, and no gradient passes"
    : w === me ? "wins its pooling window: the gradient passes here" : "loses its pooling window: no gradient passes here");
}

// cells paints K × K values with their numbers; the thick frame is the winner's, the
// thin one that of the chosen cell.
function cells(f, values, K, kind, scale, caption, winner = -1, me = lit) {
  f.el.hidden = false;
  write(f.caption, caption);
  paintMaps(f.canvas, values, [1, K, K], { kind, scale, columns: 1, gap: 0, cell: side });
  const ctx = f.canvas.getContext("2d"), u = side / K;
  ctx.font = `${Math.min(12, u * 0.36)}px ui-monospace, monospace`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.strokeStyle = colour("--ink");
  values.forEach((v, i) => {
    const x = (i % K) * u, y = Math.floor(i / K) * u;
    ctx.fillStyle = colour(Math.abs(v / scale) > 0.55 ? "--card" : "--ink");
    if (u >= 20) ctx.fillText(short(v), x + u / 2, y + u / 2);
    ctx.lineWidth = i === winner ? 3 : 1.5;
    if (i === winner || i === me) ctx.strokeRect(x + 2, y + 2, u - 4, u - 4);
  });
}

// sums writes the sum of products, the bias, and the layer's value at an index, with
// its gradient if there is one.
function sums(look, layer, bias, index, total, note) {
  const value = look.value(layer.name)[index], gradient = state.view === "backward" && look.grad(layer.name);
  const lines = [["Σ w·x", total], ["+ bias", look.parameter(layer.params[1])[bias]], [layer.kind, value]];
  if (next(look, layer)?.kind === "Rectify") lines.push(["Rectify", Math.max(0, value)]);
  if (gradient) lines.push(["∂ " + layer.kind, gradient[index]]);
  sum.hidden = false;
  while (sum.children.length < 6) sum.append(h("div", {}, h("span"), h("b")));
  [...sum.children].forEach((line, i) => {
    write(line.firstChild, lines[i]?.[0] ?? (i === lines.length ? note : ""));
    write(line.lastChild, lines[i] ? exact(lines[i][1]) : "");
  });
}

// partials lists the sum of each input channel; a click shows the channel.
function partials(partial, chosen) {
  channels.hidden = false;
  while (channels.children.length < partial.length) channels.append(h("li", {}, h("button")));
  [...channels.children].forEach((li, ch) => {
    li.hidden = ch >= partial.length;
    write(li.firstChild, `${ch + 1}: ${short(partial[ch] ?? 0)}`);
    press(li.firstChild, ch === chosen);
  });
}
channels.addEventListener("click", (e) => {
  const li = e.target.closest("li");
  if (li) { channel = [...channels.children].indexOf(li); inspect(); }
});

for (const { canvas } of [figures.window, figures.kernel]) {
  canvas.addEventListener("pointermove", (e) => {
    const box = canvas.getBoundingClientRect(), { layer } = target(current);
    const K = current.model.parameter.get(layer.params[0]).shape.at(-1), at = (v) => Math.min(K - 1, Math.floor(v * K));
    lit = at((e.clientY - box.top) / box.height) * K + at((e.clientX - box.left) / box.width);
    inspect();
  });
  canvas.addEventListener("pointerleave", () => { lit = -1; inspect(); });
}

// unit shows the weights that come into a unit, or their products with the input.
function unit(look, { layer, unit: u }) {
  const name = source(look, layer), x = look.value(name), n = x.length, { shape } = look.model.value.get(name), { classes } = look.model;
  const weight = part(look.parameter(layer.params[0]), u, n), product = weight.map((w, i) => w * x[i]), values = pressed(times) ? product : weight;
  write(title, layer.out[0] === classes.length ? `Score of ${classes[u]}` : `Unit ${u + 1} of ${layer.name}`);
  write(sentence, `its ${n.toLocaleString("en")} ${pressed(times) ? "products weight × input" : "incoming weights"}, as ${name} has its values`);
  sums(look, layer, u, u, product.reduce((a, b) => a + b, 0), "");
  const { canvas, caption, el } = figures.map, scale = quantile(values), width = Math.max(200, container.clientWidth - (innerWidth <= 760 ? 26 : 200));
  const columns = shape[0] <= 16 || width < 500 ? 8 : 16;
  el.hidden = false;
  write(caption, `±${scale.toPrecision(3)}`);
  if (shape.length > 2) paintMaps(canvas, values, shape, { scale, columns, cell: Math.min(84, Math.floor(width / columns) - 3) });
  else paintBars(canvas, values, { scale, width, height: 90 });
  tabulate(values, n / shape.at(-1), shape.at(-1));
}

function tabulate(values, rows, cols) {
  if (table.hidden) return;
  const each = (n, f) => Array.from({ length: n }, (_, i) => f(i));
  table.replaceChildren(h("table", {}, h("caption", { class: "vh", text: title.textContent }),
    h("tr", {}, h("td"), ...each(cols, (c) => h("th", { scope: "col", text: c + 1 }))),
    ...each(rows, (r) => h("tr", {}, h("th", { scope: "row", text: r + 1 }), ...each(cols, (c) => h("td", { text: short(values[r * cols + c]) }))))));
}

onLook(inspect);
on(["row", "column"], () => { channel = null; inspect(); });
on(["theme", "tab"], inspect);
