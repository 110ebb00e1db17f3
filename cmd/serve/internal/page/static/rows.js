// The rows: a tensor each, in the order in which the tape computes them. Column k is
// filter k in every row.
import { glyphs, h, svg, write } from "./dom.js";
import { current, onLook } from "./look.js";
import { colour, fit, paintBars, paintMaps, quantile, ramp } from "./ramp.js";
import { on, set, state } from "./state.js";
import { extremes } from "./tensor.js";

const strongest = 64; // maps that a row shows at most
const still = matchMedia("(prefers-reduced-motion: reduce)");

export const container = h("div", { class: "rows" });
const difference = h("span", { class: "cap fusedOnly" });
let model = null, rows = [], direction = "", words = 0;

function build() {
  container.replaceChildren();
  rows = [];
  const layers = new Map(model.layers.map((l) => [l.name, l]));
  for (const op of model.ops) {
    const frame = h("div", { class: "op" });
    for (const layer of op.layers.map((name) => layers.get(name))) {
      const [weight] = layer.params, flat = layer.kind === "SoftMax" ? "tiles" : "bars";
      if (layer.kind === "Conv2d") add(frame, layer, weight, "weights", model.parameter.get(weight).shape);
      if (layer.kind !== "Flatten") add(frame, layer, layer.name, layer.out.length > 1 ? "maps" : flat, layer.out);
    }
    if (!frame.children.length) continue;
    const text = `${op.title} · one op` + (op.keeps.length ? `, keeps ${op.keeps.join(", ")}` : "");
    if (op.layers.length > 1) frame.append(h("span", { class: "cap", text }));
    container.append(frame);
  }
  rows[0].canvas.tabIndex = 0;
  container.lastChild.append(difference);
}

function add(frame, layer, name, type, shape) {
  const canvas = h("canvas", {
    role: "img", tabindex: -1, "aria-label": name, onclick: (e) => choose(row, e, true), onkeydown: (e) => move(row, e),
    onpointermove: (e) => { if (!state.row?.pinned && e.pointerType === "mouse") choose(row, e, false); },
  }), mark = h("i", { class: "frame", hidden: true });
  const title = h("b"), range = h("span"), bias = type === "weights" ? h("canvas", { class: "bias" }) : "";
  const text = shape.join("×") + (type === "maps" && shape[0] > strongest ? `, ${strongest} strongest` : "");
  const el = h("div", { class: `ln ${type}`, onpointerenter: () => set({ layer: layer.name }), onpointerleave: () => set({ layer: "" }) },
    h("div", { class: "lab" }, title, h("span", { class: "mono", text }), range, h("span", { class: "never", text: "never stored" })),
    h("div", { class: "cells" }, canvas, mark, bias));
  if (!layer.stored && type !== "weights") el.classList.add("unstored");
  const row = { layer, name, type, shape, el, canvas, mark, bias, title, range };
  frame.append(el);
  rows.push(row);
}

const isMaps = (row) => row.type === "maps" || row.type === "weights";

// choose sets state.column and state.row to what is under the pointer. A click pins
// the choice, a click on the pinned frees it.
function choose(row, e, click) {
  const box = row.canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
  const at = (part, n) => Math.min(n - 1, Math.max(0, Math.floor(part * n)));
  if (!isMaps(row)) return pick(row, at(x / box.width, row.shape[0]), click);
  const g = row.grid, column = Math.floor(x / (g.cell + g.gap)), line = Math.floor(y / (g.tall + g.gap));
  const k = line * g.columns + column, [height, width] = row.shape.slice(-2);
  if (column >= g.columns || k >= (row.order?.length ?? row.shape[0])) return;
  const cell = at((y - line * (g.tall + g.gap)) / g.tall, height) * width + at((x - column * (g.cell + g.gap)) / g.cell, width);
  pick(row, cell, click, row.order?.[k] ?? k);
}

function pick(row, cell, click, column = state.column) {
  const same = state.row?.name === row.name && state.row.cell === cell && state.column === column;
  set({ column, row: { name: row.name, cell, pinned: click && !(same && state.row.pinned) } });
}

// move is for the arrow keys: along the row, or to another row.
function move(row, e) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key], to = rows.indexOf(row) + ({ ArrowUp: -1, ArrowDown: 1 }[e.key] ?? 0);
  const next = (i) => (i + (by ?? 0) + row.shape[0]) % row.shape[0], cell = state.row?.name === row.name ? state.row.cell : 0;
  if (by || e.key === "Enter") isMaps(row) ? pick(row, cell, true, next(state.column)) : pick(row, next(cell), true);
  else if (rows[to] && rows[to] !== row) {
    row.canvas.tabIndex = -1;
    rows[to].canvas.tabIndex = 0;
    rows[to].canvas.focus();
  } else return;
  e.preventDefault();
}

// paintRow paints a row's tensor, or its gradient, in a box of this width, and says
// what it is.
function paintRow(row, look, box) {
  const gradient = state.view === "backward" ? look.grad(row.name) : null, kind = gradient ? "grad" : "value";
  const tensor = row.type === "weights" ? model.parameter.get(row.name) : model.value.get(row.name);
  row.values = gradient ?? (row.type === "weights" ? look.parameter(row.name) : look.value(row.name));
  const scale = gradient ? quantile(gradient) : tensor.scale;
  write(row.title, (gradient ? "∂ " : "") + (row.type === "weights" ? row.name : row.layer.kind));
  write(row.range, row.type === "tiles" ? "" : `±${scale.toPrecision(3)}`);
  if (row.type === "tiles") paintTiles(row.canvas, row.values, box);
  else if (row.type === "bars") {
    const signed = row.layer.kind !== "Rectify" || !!gradient;
    paintBars(row.canvas, row.values, { scale, kind, signed, width: box, height: signed ? 44 : 34, part: row.shape[0] > 20 ? 0.84 : 0.5 });
  } else {
    const columns = box < 620 ? 8 : 16, cell = Math.min(72, Math.floor((box - 3 * (columns - 1)) / columns * 2) / 2);
    row.order = row.type === "maps" && row.shape[0] > strongest ? order(row) : undefined;
    const keep = state.winners ? kept(row, look) : undefined;
    row.grid = paintMaps(row.canvas, row.values, row.shape, { scale, kind, columns, cell, order: row.order, keep });
    if (row.bias) paintBias(row, look, !!gradient);
  }
}

function paintBias(row, look, backward) {
  const name = row.layer.params[1], { columns, cell, gap, lines } = row.grid;
  const values = backward ? look.grad(name) : look.parameter(name), scale = backward ? quantile(values) : model.parameter.get(name).scale;
  const ctx = fit(row.bias, columns * (cell + gap) - gap, 6 * lines);
  values.forEach((v, k) => {
    ctx.fillStyle = ramp(backward ? "grad" : "value", v / scale);
    ctx.fillRect((k % columns) * (cell + gap), 6 * Math.floor(k / columns), cell, 5);
  });
}

// paintTiles paints probabilities as tiles that fill. They are pale in the backward
// direction, which starts before SoftMax.
function paintTiles(canvas, values, width) {
  const height = 38, ctx = fit(canvas, width, height), w = width / values.length;
  const top = Math.max(...values), faded = state.view === "backward";
  Object.assign(ctx, { textAlign: "center", textBaseline: "middle", font: "600 14px system-ui" });
  values.forEach((p, i) => {
    const part = Math.min(1, Math.max(0, p)), full = part > 0.55 && !faded;
    ctx.fillStyle = colour("--zero");
    ctx.fillRect(i * w + 1, 0, w - 2, height);
    ctx.globalAlpha = faded ? 0.25 : 1;
    ctx.fillStyle = colour(p === top ? "--ink" : "--faint");
    ctx.fillRect(i * w + 1, height * (1 - part), w - 2, height * part);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour(full ? "--card" : "--ink");
    ctx.fillText(model.classes[i] ?? i, (i + 0.5) * w, height / 2);
  });
}

// order is the maps of the largest sums of |values|, in their order.
function order({ values, shape }) {
  const size = values.length / shape[0], sums = new Float32Array(shape[0]);
  values.forEach((v, i) => { sums[Math.floor(i / size)] += Math.abs(v); });
  return [...sums.keys()].sort((a, b) => sums[b] - sums[a]).slice(0, strongest).sort((a, b) => a - b);
}

// poolAfter is the pooling that reads a layer's map, maybe after Rectify.
export function poolAfter(layer) {
  const after = model.layers.slice(model.layers.indexOf(layer) + 1);
  if (after[0]?.kind === "Rectify") after.shift();
  return after[0]?.kind === "MaxPool2D" ? after[0] : null;
}

// kept returns keep(i) of paintMaps: whether value i wins its window. Where all of a
// window are 0 after Rectify nobody wins.
function kept(row, look) {
  const pool = row.type === "maps" && row.layer.kind !== "MaxPool2D" ? poolAfter(row.layer) : null;
  if (!pool) return undefined;
  const won = look.winners(pool.name), values = look.value(pool.name);
  const rectified = model.layers[model.layers.indexOf(pool) - 1].kind === "Rectify";
  const mask = new Uint8Array(row.values.length), map = mask.length / row.shape[0], windows = won.length / row.shape[0];
  won.forEach((w, i) => { if (!rectified || values[i] > 0) mask[Math.floor(i / windows) * map + w] = 1; });
  return (i) => mask[i];
}

// frame marks the chosen map or unit in every row.
function frame() {
  const chosen = rows.find((r) => r.name === state.row?.name);
  for (const row of rows) {
    const box = isMaps(row) ? boxOfMap(row, state.column) : chosen && !isMaps(chosen) ? boxOfUnit(row, chosen, state.row.cell) : null;
    row.mark.hidden = !box;
    box?.forEach((v, i) => { row.mark.style[["left", "top", "width", "height"][i]] = v + "px"; });
  }
}

function boxOfMap({ grid: g, order, shape }, column) {
  const k = order?.indexOf(column) ?? column;
  if (!g || k < 0 || k >= shape[0]) return null;
  return [(k % g.columns) * (g.cell + g.gap), Math.floor(k / g.columns) * (g.tall + g.gap), g.cell, g.tall];
}

function boxOfUnit({ canvas, shape }, chosen, unit) {
  const w = canvas.clientWidth / shape[0];
  return shape[0] === chosen.shape[0] ? [unit * w, 0, w, canvas.clientHeight] : null;
}

// spine draws the arrows and glyphs beside the rows: down, or up for a gradient.
const spineSVG = svg("svg", { class: "spine", "aria-hidden": "true" });
function spine() {
  const top = container.getBoundingClientRect().top, backward = state.view === "backward", marks = [];
  let last = null, beside = null; // of the layer before, of this layer's weights
  for (const row of rows) {
    const label = row.el.firstChild.getBoundingClientRect(), y = label.top + label.height / 2 - top;
    const path = (name, d) => svg("path", { class: name, d });
    const square = (name, x, side) => svg("rect", { class: name, x, y: y - side / 2, width: side, height: side });
    if (row.type === "weights") { marks.push(square("par", 1, 10)); beside = y; continue; }
    if (row.layer.kind === "Conv2d") marks.push(path("par side", `M6 ${beside + 5}V${y - 12}L10 ${y - 6}`));
    if (row.layer.kind === "Dense") marks.push(path("par side", `M8 ${y}H10`), square("par side", 1, 7));
    const line = last === null ? `M-20 ${y}H8` : `M16 ${last + 9}V${y - 9}`;
    if (!(backward && row.type === "tiles")) marks.unshift(path("flow", line + arrow(last, y, backward)));
    marks.push(svg("path", { class: "glyph", d: glyphs[row.layer.kind], transform: `translate(16 ${y})` }));
    last = y;
  }
  spineSVG.replaceChildren(...marks);
  spineSVG.classList.toggle("up", backward);
  container.append(spineSVG);
}

function arrow(from, to, backward) {
  if (from === null) return backward ? `M-13 ${to - 4}l-6 4 6 4` : `M2 ${to - 4}l6 4-6 4`;
  return backward ? `M12 ${from + 14}l4-5 4 5` : `M12 ${to - 14}l4 5 4-5`;
}

// paint paints all rows; slowly: one after the other, in the tape's order.
export function paint(slowly) {
  if (!current || current.model !== model) return;
  const box = rows[0].canvas.parentElement.clientWidth; // of all rows; read once, before the page changes
  if (!box) return; // the tab is not shown
  write(difference, `fused and as written differ by ${current.difference.toExponential(0)} at most`);
  const run = state.view === "backward" ? [...rows].reverse() : rows;
  run.forEach((row, i) => {
    if (slowly && !still.matches) setTimeout(() => paintRow(row, current, box), 60 * i);
    else paintRow(row, current, box);
  });
  clearTimeout(words);
  words = setTimeout(describe, 500);
}

// describe says in words what each row shows.
function describe() {
  for (const { canvas, title, shape, values } of rows) {
    if (!values) continue;
    const zeros = Math.round((100 * values.filter((v) => v === 0).length) / values.length);
    const [low, high] = extremes(values);
    const range = `from ${low.toFixed(2)} to ${high.toFixed(2)}, ${zeros} percent zero`;
    canvas.setAttribute("aria-label", `${title.textContent}, ${shape.join(" by ")}, ${range}`);
  }
}

// layout paints after a change of size, and puts frames and spine in their places.
export function layout() {
  paint();
  for (const { el, canvas } of rows) el.style.setProperty("--shown", canvas.style.width); // what "never stored" hatches
  frame();
  spine();
}

onLook((look) => {
  if (look.model !== model) { model = look.model; build(); layout(); return; }
  const now = state.view + state.explain;
  paint(now !== direction);
  direction = now;
});
on(["view"], () => setTimeout(spine));
on(["winners", "theme"], () => paint());
on(["row", "column"], frame);
on(["layer"], () => rows.forEach(({ el, layer }) => el.classList.toggle("lit", layer.name === state.layer)));
new ResizeObserver(layout).observe(container);
