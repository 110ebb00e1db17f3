// The inspector: the arithmetic of one chosen value, from what the op reads to its
// sum. Its elements are made once; each look writes and paints into them.
import { h, write } from "./dom.js";
import { current, onLook } from "./look.js";
import { colour, paintBars, paintMaps, quantile } from "./ramp.js";
import { poolAfter } from "./rows.js";
import { on, set, state } from "./state.js";

const figure = (canvas) => { const caption = h("figcaption"); return { canvas, caption, el: h("figure", {}, canvas, caption) }; };
const title = h("h2"), sentence = h("span", { class: "mute" }), sum = h("div", { class: "sum mono" }), channels = h("ol", { class: "channels mono" });
const read = figure(h("canvas")), kernel = figure(h("canvas")), map = figure(h("canvas")), pool = figure(h("canvas"));
const times = h("button", { class: "btn", "aria-pressed": "false", text: "weight × input", onclick: () => toggle(times) });
const tabular = h("button", { class: "btn", "aria-pressed": "false", text: "Table", onclick: () => toggle(tabular) });
const close = h("button", { class: "btn close", "aria-label": "Close", text: "×", onclick: () => set({ row: null }) });
const table = h("div", { class: "table mono", tabindex: 0, hidden: true });

export const container = h("section", { class: "card inspector", "aria-label": "Inspector" },
  h("div", { class: "row head" }, title, sentence, h("span", { class: "sp" }), times, tabular, close),
  h("div", { class: "figures" }, read.el, kernel.el, sum, channels, map.el, pool.el), table);
map.el.className = "map";

let lit = -1, channel = null; // the product under the pointer, the input channel that is shown

function toggle(button) {
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
  inspect();
}
const pressed = (button) => button.getAttribute("aria-pressed") === "true";

const short = (v) => v.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−").replace(/^(−?)0\./, "$1.");
const exact = (v) => v.toFixed(4).replace("-", "−");

// target is what is chosen, as a layer, a map or unit, and a place in the map.
function target(look) {
  const { model } = look, layers = model.layers;
  let layer = layers.find((l) => l.name === state.row?.name || l.params.includes(state.row?.name));
  const first = layers.find((l) => l.kind === "Conv2d" || l.kind === "Dense");
  let cell = layer ? (layer.params.includes(state.row.name) ? -1 : state.row.cell) : -1;
  layer ??= first;
  if (!layer) return null;
  const before = () => layers[layers.indexOf(layer) - 1];
  if (layer.out.length < 3) {
    while (layer && layer.kind !== "Dense") layer = before();
    return layer && { layer, unit: Math.min(Math.max(cell, 0), layer.out[0] - 1) };
  }
  const k = Math.min(state.column, layer.out[0] - 1);
  if (layer.kind === "MaxPool2D" && cell >= 0) { cell = look.winners(layer.name)[k * layer.out[1] * layer.out[2] + cell]; layer = before(); }
  while (layer && layer.kind === "Rectify") layer = before();
  if (layer?.kind !== "Conv2d") return null;
  if (cell < 0) cell = strongest(look.value(layer.name), k, layer.out[1] * layer.out[2]);
  return { layer, k, r: Math.floor(cell / layer.out[2]), c: cell % layer.out[2] };
}

const strongest = (values, k, size) => values.subarray(k * size, (k + 1) * size).reduce((b, v, i, m) => (v > m[b] ? i : b), 0);

const source = (look, layer) => {
  let i = look.model.layers.indexOf(layer) - 1;
  while (i >= 0 && look.model.layers[i].kind === "Flatten") i--;
  return i < 0 ? "x" : look.model.layers[i].name;
};

export function inspect() {
  const look = current, t = look && container.isConnected ? target(look) : null;
  container.classList.toggle("chosen", !!state.row?.pinned);
  for (const f of [read, kernel, map, pool]) f.el.hidden = true;
  channels.hidden = sum.hidden = true;
  times.hidden = t?.unit === undefined;
  table.hidden = !pressed(tabular);
  if (!t) { write(title, "Inspector"); write(sentence, "choose a map or a unit of a layer with weights"); table.hidden = true; return; }
  if (t.unit === undefined) convolution(look, t);
  else unit(look, t);
}

// convolution shows window × kernel, their sum, and what Rectify and pooling make of it.
function convolution(look, { layer, k, r, c }) {
  const name = source(look, layer), x = look.value(name), [C, H, W] = layer.in, [, rows, cols] = layer.out;
  const K = look.model.parameter.get(layer.params[0]).shape.at(-1), n = K * K;
  const weight = look.parameter(layer.params[0]).subarray(k * C * n, (k + 1) * C * n), bias = look.parameter(layer.params[1])[k];
  const window = new Float32Array(C * n);
  for (let ch = 0; ch < C; ch++) for (let i = 0; i < n; i++) window[ch * n + i] = x[ch * H * W + (r + Math.floor(i / K)) * W + c + (i % K)];
  const partial = Array.from({ length: C }, (_, ch) => { let s = 0; for (let i = ch * n; i < (ch + 1) * n; i++) s += window[i] * weight[i]; return s; });
  const total = partial.reduce((a, b) => a + b, 0);
  const ch = channel < C ? (channel ?? strongest(Float32Array.from(partial, Math.abs), 0, C)) : 0, part = (a) => a.subarray(ch * n, (ch + 1) * n);

  const pooling = poolAfter(layer), index = k * rows * cols + r * cols + c, value = look.value(layer.name)[index];
  const after = look.model.layers[look.model.layers.indexOf(layer) + 1], rectified = after?.kind === "Rectify";
  write(title, `Filter ${k + 1}, row ${r + 1}, column ${c + 1}`);

  const size = innerWidth <= 760 ? 112 : 150, of = C > 1 ? ` of channel ${ch + 1}` : "";
  cells(read, part(window), K, size, name === "x" ? "ink" : "value", look.model.value.get(name).scale, `${K}×${K} window of ${name}${of}`);
  cells(kernel, part(weight), K, size, "value", look.model.parameter.get(layer.params[0]).scale, `filter ${k + 1}${of}`);
  const product = lit >= 0 && lit < n ? `${exact(part(window)[lit])} × ${exact(part(weight)[lit])} = ${exact(part(window)[lit] * part(weight)[lit])}` : "";
  const lines = [["Σ w·x", total], ["+ bias", bias], [layer.kind, value]];
  if (rectified) lines.push(["Rectify", Math.max(0, value)]);
  if (look.grad(layer.name) && state.view === "backward") lines.push(["∂ " + layer.kind, look.grad(layer.name)[index]]);
  sums(lines, product || "point at a product");
  if (C > 1) partials(partial, ch);

  const shown = rectified ? after.name : layer.name, values = look.value(shown).subarray(k * rows * cols, (k + 1) * rows * cols);
  map.el.hidden = false;
  const side = size + 20;
  paintMaps(map.canvas, values, [1, rows, cols], { scale: look.model.value.get(shown).scale, columns: 1, gap: 0, cell: side });
  const ctx = map.canvas.getContext("2d"), u = side / cols;
  const won = pooling && look.winners(pooling.name), P = pooling && Math.floor(rows / pooling.out[1]), [, pr, pc] = pooling?.out ?? [];
  write(map.caption, `filter ${k + 1}'s map` + (pooling ? " · dots: winners" : ""));
  ctx.fillStyle = ctx.strokeStyle = colour("--ink");
  if (pooling) for (let i = 0; i < pr * pc; i++) {
    const w = won[k * pr * pc + i];
    if (rectified && values[w] <= 0) continue;
    ctx.beginPath();
    ctx.arc(((w % cols) + 0.5) * u, (Math.floor(w / cols) + 0.5) * u, 1.25, 0, 7);
    ctx.fill();
  }
  ctx.lineWidth = 2;
  ctx.strokeRect(c * u, r * u, u, u);
  tabulate(values, rows, cols);
  const i = Math.floor(r / P), j = Math.floor(c / P);
  if (!pooling) return write(sentence, "");
  if (i >= pr || j >= pc) return write(sentence, "in no pooling window: dropped");
  ctx.lineWidth = 1;
  ctx.strokeRect(j * P * u - 1, i * P * u - 1, P * u + 2, P * u + 2);

  const inWindow = Float32Array.from({ length: P * P }, (_, q) => values[(i * P + Math.floor(q / P)) * cols + j * P + (q % P)]);
  const w = won[k * pr * pc + i * pc + j], winner = (Math.floor(w / cols) - i * P) * P + (w % cols) - j * P, me = (r - i * P) * P + c - j * P;
  const nobody = rectified && inWindow[winner] <= 0;
  write(sentence, nobody ? "nobody wins: all of its pooling window are zero, and no gradient passes"
    : winner === me ? "wins its pooling window: the gradient passes here" : "loses its pooling window: no gradient passes here");
  cells(pool, inWindow, P, size, "value", look.model.value.get(shown).scale, `its ${P}×${P} window → ${exact(inWindow[winner])}`, nobody ? -1 : winner, me);
}

// cells paints K × K values with their numbers; the thick frame is the winner's, the
// thin one that of the chosen cell.
function cells(f, values, K, size, kind, scale, caption, winner = -1, me = lit) {
  f.el.hidden = false;
  write(f.caption, caption);
  paintMaps(f.canvas, values, [1, K, K], { kind, scale, columns: 1, gap: 0, cell: size });
  const ctx = f.canvas.getContext("2d"), u = size / K;
  ctx.font = `${Math.min(12, u * 0.36)}px ui-monospace, monospace`;
  ctx.textAlign = "center"; ctx.textBaseline = "middle";
  values.forEach((v, i) => {
    const x = (i % K) * u, y = Math.floor(i / K) * u;
    ctx.fillStyle = colour(Math.abs(v / scale) > 0.55 ? "--card" : "--ink");
    if (u >= 20) ctx.fillText(v === 0 ? "0" : short(v), x + u / 2, y + u / 2);
    if (i !== winner && i !== me) return;
    ctx.strokeStyle = colour("--ink");
    ctx.lineWidth = i === winner ? 3 : 1.5;
    ctx.strokeRect(x + 2, y + 2, u - 4, u - 4);
  });
}

function sums(lines, note) {
  sum.hidden = false;
  while (sum.children.length < lines.length + 1) sum.append(h("div", {}, h("span"), h("b")));
  [...sum.children].forEach((line, i) => {
    write(line.firstChild, lines[i]?.[0] ?? (i === lines.length ? note : ""));
    write(line.lastChild, lines[i] ? exact(lines[i][1]) : "");
  });
}

function partials(partial, chosen) {
  channels.hidden = false;
  while (channels.children.length < partial.length) channels.append(h("li", {}, h("button")));
  [...channels.children].forEach((li, ch) => {
    li.hidden = ch >= partial.length;
    if (li.hidden) return;
    write(li.firstChild, `${ch + 1}: ${short(partial[ch])}`);
    li.firstChild.setAttribute("aria-pressed", ch === chosen);
  });
}
channels.addEventListener("click", (e) => {
  const li = e.target.closest("li");
  if (li) { channel = [...channels.children].indexOf(li); inspect(); }
});
for (const { canvas } of [read, kernel]) {
  canvas.addEventListener("pointermove", (e) => {
    const box = canvas.getBoundingClientRect(), look = current, t = target(look);
    if (t?.unit !== undefined) return;
    const K = look.model.parameter.get(t.layer.params[0]).shape.at(-1), at = (v) => Math.min(K - 1, Math.floor(v * K));
    lit = at((e.clientY - box.top) / box.height) * K + at((e.clientX - box.left) / box.width);
    inspect();
  });
  canvas.addEventListener("pointerleave", () => { lit = -1; inspect(); });
}

// unit shows the weights that come into a unit, or their products with the input.
function unit(look, { layer, unit: u }) {
  const name = source(look, layer), x = look.value(name), n = x.length, shape = look.model.value.get(name).shape;
  const weight = look.parameter(layer.params[0]).subarray(u * n, (u + 1) * n), bias = look.parameter(layer.params[1])[u];
  const products = weight.map((w, i) => w * x[i]), value = look.value(layer.name)[u], values = pressed(times) ? products : weight;
  write(title, layer.out[0] === look.model.classes.length ? `Score of ${look.model.classes[u]}` : `Unit ${u + 1} of ${layer.name}`);
  write(sentence, `its ${n.toLocaleString("en")} ${pressed(times) ? "products weight × input" : "incoming weights"}, as ${name} has its values`);
  map.el.hidden = false;
  const scale = quantile(values), width = Math.max(200, container.clientWidth - (innerWidth <= 760 ? 26 : 190));
  write(map.caption, `±${scale.toPrecision(3)}`);
  const columns = shape[0] <= 16 || width < 500 ? 8 : 16;
  if (shape.length > 2) paintMaps(map.canvas, values, shape, { scale, columns, cell: Math.min(84, Math.floor(width / columns) - 3) });
  else paintBars(map.canvas, values, { scale, width, height: 90 });
  const lines = [["Σ w·x", products.reduce((a, b) => a + b, 0)], ["+ bias", bias], [layer.kind, value]];
  if (look.model.layers[look.model.layers.indexOf(layer) + 1]?.kind === "Rectify") lines.push(["Rectify", Math.max(0, value)]);
  if (look.grad(layer.name) && state.view === "backward") lines.push(["∂ " + layer.kind, look.grad(layer.name)[u]]);
  sums(lines, "");
  const cols = shape.at(-1);
  tabulate(values, Math.ceil(n / cols), cols);
}

// tabulate writes a map as a real table, if it is wanted.
function tabulate(values, rows, cols) {
  if (table.hidden) return;
  const line = (r) => h("tr", {}, h("th", { scope: "row", text: r + 1 }), ...Array.from({ length: cols }, (_, c) => h("td", { text: short(values[r * cols + c] ?? 0) })));
  table.replaceChildren(h("table", {}, h("caption", { class: "vh", text: title.textContent }),
    h("tr", {}, h("td"), ...Array.from({ length: cols }, (_, c) => h("th", { scope: "col", text: c + 1 }))),
    ...Array.from({ length: rows }, (_, r) => line(r))));
}

onLook(inspect);
on(["row", "column"], () => { channel = null; inspect(); });
on(["theme"], inspect);
