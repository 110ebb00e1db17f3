// The Graph tab: the graph of a training step, alive. Values go down on the left,
// gradients come up on the right, and each node shows the tensor that the present
// drawing gives it.
import { button, glyphs, h, press, svg, write } from "./dom.js";
import { editor } from "./editor.js";
import { current, explained, onLook, request } from "./look.js";
import { showExample } from "./pad.js";
import { on, set, state } from "./state.js";
import { scrubber } from "./tape.js";
import { bounds, number, paint, size } from "./tensor.js";

let model = null, nodes = [], explains = null;
const picture = h("div", { class: "picture", role: "group", "aria-label": "The graph of a training step", onkeydown: walk });
const list = editor();
const tape = scrubber(() => {
  update();
  nodes.find((n) => n.steps.includes(tape.at() - 1))?.element.scrollIntoView({ block: "nearest" });
});
const classes = h("select", { class: "btn", "aria-label": "Score whose gradient is shown", onchange: choose });
const fused = button("Fused", () => set({ fused: !state.fused }));
const heavy = h("label", { class: "row" }, h("input", { type: "checkbox", onchange: (e) => request({ heavy: e.target.checked }) }), "gradients of large parameters");
const downloads = h("p", { class: "row" });

export function show(main) {
  main.append(list.element,
    h("div", { class: "row" }, classes, fused, heavy, h("span", { class: "sp" }), button("Example", showExample)),
    picture, tape.element, downloads);
  on(["fused"], () => { if (model) build(); });
  on(["layer", "theme"], update);
  on(["tab"], leave);
  onLook(see);
  new ResizeObserver(() => requestAnimationFrame(update)).observe(picture);
  if (!current) showExample();
}

// choose takes the class of the select, "" for the most probable, for all tabs.
function choose() {
  set(classes.value ? { view: "backward", explain: [Number(classes.value)] } : { view: "forward", explain: [] });
}

// leave takes back what other tabs need not: a large answer, the values of a node.
function leave() {
  if (state.tab === "graph" || !model) return;
  heavy.firstChild.checked = false;
  request({ heavy: false });
  tape.pause();
  tape.move(0);
}

// see takes a look. If its most probable class is another than that of the look
// before, its gradients are of the wrong class, and those of the right one come next.
function see(look) {
  if (state.tab !== "graph") return;
  const wanted = explained(look.model).join();
  if (wanted !== explains) { explains = wanted; request(); return; }
  if (look.model.key !== model?.key || look.model.version !== model.version) load(look.model);
  update();
  tape.update(look);
}

function load(m) {
  model = m;
  classes.replaceChildren(new Option("", ""), ...m.classes.map((c, i) => new Option("gradient of " + c, i)));
  heavy.hidden = !m.heavyGrad.size;
  downloads.replaceChildren("Pictures:", ...["forward", "fused", "training", "nodes"].flatMap((graph) => ["svg", "dot"].map((format) =>
    h("a", { class: "btn", text: `${graph}.${format}`, href: "/api/picture?" + new URLSearchParams({ net: m.key, graph, format, download: 1 }) }))));
  list.load(m);
  build();
  tape.load(m);
}

// build makes the picture of ranks: x, each layer with a gradient, and the score
// beside what follows it. A fused op is a frame around its ranks.
function build() {
  const { layers, ops } = model, up = layers.filter((l) => model.grad.has(l.name)), last = layers.at(-1);
  nodes = [];
  picture.replaceChildren(rank(node("x", "x"), "", node("x", "∂ x", { grad: true })));
  for (const [op, inside] of Map.groupBy(up, (l) => (state.fused && l.op >= 0 ? l.op : l.name))) {
    const ranks = inside.map((layer, i) => {
      const inner = i < inside.length - 1, kept = inner ? [] : ops[op]?.keeps ?? keeps(op);
      return rank(node(layer.name, layer.text, { layer, inner }), kept.join(", "), node(layer.name, "∂ " + layer.text, { layer, inner, grad: true }), layer.params);
    });
    picture.append(ranks.length === 1 ? ranks[0] : h("div", { class: "fused" }, h("span", { class: "mute title", text: ops[op].title + " · one op" }), ...ranks));
  }
  picture.append(rank(up.includes(last) ? h("i") : node(last.name, last.text, { layer: last }), "", node("score", "score", { grad: true })));
  nodes[0].element.tabIndex = 0;
  update();
}

// rank puts side by side parameters, op, what it keeps, its ∂, parameters' gradients.
function rank(op, kept, gradient, names = []) {
  const parameters = (grad) => h("div", { class: "parameters" + (grad ? " grads" : "") }, ...names.map((n) => node(n, (grad ? "∂ " : "") + n, { grad, parameter: true })));
  return h("div", { class: "rank" }, parameters(false), op, h("span", { class: kept && "keeps mute", text: kept && "keeps " + kept }), gradient, parameters(true));
}

// keeps are the results that the gradient of a layer reads again, but for views of
// its parameters.
function keeps(layer) {
  const source = (t) => (t.op === "Reshape" && t.reads.length ? source(model.tape[t.reads[0]]) : t);
  const read = model.tape.filter((t) => t.grad && t.layer === layer).flatMap((t) => t.reads.map((i) => source(model.tape[i])));
  return [...new Set(read.filter((t) => !t.grad && t.op !== "Reshape").map((t) => t.value || t.op))];
}

// node returns the element of a node. It shows the tensor name, or its gradient,
// which instruction index completes; steps are the instructions of its op.
function node(name, title, { grad = false, layer, inner = false, parameter = false } = {}) {
  const tensor = (parameter ? model.parameter : model.value).get(name), owner = name.split(".")[0];
  const steps = [...model.tape.keys()].filter((i) => layer && model.tape[i].layer === name && model.tape[i].grad === grad);
  const index = model.tape.findIndex((t) => t.value === name && t.grad === grad);
  const canvas = h("canvas"), words = h("small", { class: "mute" });
  const glyph = layer ? svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16" }, svg("path", { d: glyphs[layer.kind] })) : "";
  const element = h("div", {
    class: `node ${parameter ? "parameter" : grad ? "gradient" : layer ? "forward" : ""}`, role: "img", tabindex: -1, "data-column": [parameter, grad],
    onclick: () => tape.move((steps.at(-1) ?? index) + 1), onpointerenter: () => set({ layer: owner }), onpointerleave: () => set({ layer: "" }),
  }, h("div", { class: "row" }, glyph, h("b", { text: title }), h("span", { class: "mono mute", text: tensor ? size(tensor.shape) : "" })), canvas, words);
  nodes.push({ name, title, grad, inner, parameter, tensor, owner, steps, index, element, canvas, words });
  return element;
}

// update brings every node up to date. Widths are read before anything is written.
function update() {
  if (state.tab !== "graph" || !model || current.model.key !== model.key) return;
  press(fused, state.fused);
  classes.value = state.explain.length === 1 ? state.explain[0] : "";
  write(classes.options[0], "gradient of the most probable" + (classes.value ? "" : `, ${model.classes[explains] ?? explains}`));
  const widths = nodes.map((n) => n.element.clientWidth - 14);
  nodes.forEach((n, i) => refresh(n, widths[i]));
}

function refresh(n, width) {
  const never = state.fused && n.inner, values = n.grad ? current.grad(n.name) : n.parameter ? current.parameter(n.name) : current.value(n.name);
  const there = (values || n.name === "score") && tape.exists(n.index);
  const is = { hatched: never, empty: !there && !never, running: n.steps.includes(tape.at() - 1), same: n.owner === state.layer };
  for (const c in is) n.element.classList.toggle(c, is[c]);
  const source = n.parameter && !n.grad ? current.weights : current, key = width + state.theme;
  if (n.source !== source || n.key !== key) {
    Object.assign(n, { source, key });
    draw(n, never ? null : values, width, never);
  }
  n.element.setAttribute("aria-label", [n.title, n.tensor && size(n.tensor.shape), n.words.textContent, is.empty && "not in memory"].filter(Boolean).join(", "));
}

function draw(n, values, width, never) {
  const words = [never ? "never stored" : values ? bounds(values) : n.name === "score" ? score() : model.heavyGrad.has(n.name) ? "not asked for" : ""];
  if (n.steps.length) words.push(number(n.steps.reduce((sum, i) => sum + current.tape(i).micros, 0)) + " µs");
  write(n.words, words.join(" · "));
  n.canvas.hidden = !values;
  if (!values || width < 20) return;
  const shares = !n.grad && !n.parameter && (n.name === "x" || !model.grad.has(n.name)); // of ink, or of probability
  paint(n.canvas, values, n.tensor.shape, n.name === "x" && n.tensor.shape[0] === 1 ? Math.min(width, 112) : width,
    n.grad ? "grad" : shares ? "ink" : "value", n.grad ? undefined : shares ? 1 : n.tensor.scale);
}

function score() {
  const logits = current.value(model.layers.findLast((l) => model.grad.has(l.name)).name), chosen = explained(model);
  const value = chosen.length > 1 ? logits[chosen[0]] - logits[chosen[1]] : logits[chosen[0]];
  return `logit of ${chosen.map((c) => model.classes[c] ?? c).join(" − ")}: ${number(value)} · ∂ is 1`;
}

// walk moves the focus: left and right to the next node, up and down in its column.
function walk(e) {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[e.key], column = /Up|Down/.test(e.key) && e.target.dataset.column;
  if (e.key === "Enter") e.target.click();
  if (!by) return;
  e.preventDefault();
  const line = [...picture.querySelectorAll(".node")].filter((el) => !column || el.dataset.column === column), to = line[line.indexOf(e.target) + by];
  if (!to) return;
  e.target.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}
