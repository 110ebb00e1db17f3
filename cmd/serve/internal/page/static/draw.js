// The Draw tab: the pad and what the network says of it on the left, its tensors on
// the right.
import { button, h, minus, press, write } from "./dom.js";
import { container as inspector } from "./inspector.js";
import { current, onLook } from "./look.js";
import { best, output } from "./model.js";
import * as pad from "./pad.js";
import { paintBars, paintMaps, quantile } from "./ramp.js";
import * as rows from "./rows.js";
import { on, set, state } from "./state.js";

const segment = (text, onclick) => button(text, onclick, { class: null });

const sees = h("canvas", { role: "img", "aria-label": "The picture that the network sees" });
const seesTitle = h("h2"), seesText = h("span", { class: "mute" });
const list = h("ol", { class: "probs", "aria-label": "Probabilities" });
const epoch = h("input", { type: "range", step: 1, min: 0, "aria-label": "Weights after this epoch", oninput: () => set({ epoch: current.model.epochs[epoch.value] }) }), epochText = h("span", { class: "mute" });
const epochs = h("label", { class: "row epochs" }, epochText, epoch);
const was = h("select", { class: "btn", "aria-label": "Say what it was", onchange: judge }), tally = h("span", { class: "mute" });
const correction = h("div", { class: "row" }, was, tally);

const forward = segment("Forward", () => set({ view: "forward", explain: [], step: null }));
const backward = segment("Backward", () => explain(wanted()));
const rather = h("select", { class: "btn", "aria-label": "The gradient of a difference of two scores", onchange: () => explain(wanted(), rather.value === "" ? undefined : Number(rather.value)) });
const winners = button("Winners", () => set({ winners: !state.winners }), { title: "What loses its pooling window fades" });
const learn = button("", () => set({ step: { as: wanted(), times: state.step ? Math.min(20, state.step.times + 1) : 1 } }),
  { title: "Adam on this one image, learning rate 0.001; Esc takes it back" });
const written = segment("As written", () => set({ fused: false })), fused = segment("Fused", () => set({ fused: true }));
const steps = Float32Array.from({ length: 257 }, (_, i) => i / 128 - 1), legend = h("canvas"), low = h("span"), high = h("span");
let right = 0, wrong = 0, items = [], said = "", saying = 0;

// wanted is the class whose score is explained, or would be.
const wanted = () => state.explain[0] ?? (current ? best(output(current)) : 0);
const name = (i) => current?.model.classes[i] ?? i;

function explain(c, second) {
  set({ view: "backward", explain: second === undefined || second === c ? [c] : [c, second] });
}

export function show(main) {
  main.append(
    h("section", { class: "left", "aria-label": "Drawing and result" },
      h("div", { class: "card" }, h("div", {}, pad.canvas),
        h("div", { class: "row pads" }, button("Undo", pad.undo), button("Clear", pad.clear), button("Example", pad.showExample)),
        h("p", { class: "vh", id: "padHelp", text: "Z: undo. C: clear. E: an example. 0 to 9: the gradient of a score. Question mark: all keys." }),
        epochs),
      h("div", { class: "card" }, list),
      h("div", { class: "card sees" }, sees, h("div", {}, seesTitle, seesText, correction))),
    h("section", { class: "tape", "aria-label": "The network, row by row" },
      h("div", { class: "bar" },
        h("div", { class: "seg", role: "group", "aria-label": "Direction" }, forward, backward), rather, winners, learn,
        h("div", { class: "seg", role: "group", "aria-label": "Lowering" }, written, fused),
        h("span", { class: "legend", title: "Full colour: 99.5 % of |value| over 100 test images; of a gradient, 99.7 % of its row" }, low, legend, high)),
      rows.container, inspector));
  addEventListener("keydown", key);
  new ResizeObserver(pad.paint).observe(pad.canvas.parentElement);
  onLook(paint);
  on(["view", "explain", "winners", "fused", "step", "theme"], controls);
  on(["theme"], () => { if (current) paint(current); });
  controls();
  if (!current) pad.showExample();
}

let model = null;

function rebuild(look) {
  model = look.model;
  items = model.classes.map((c, i) => {
    const fill = h("i"), number = h("span", { class: "n" });
    const b = h("button", { onclick: (e) => explain(...(e.shiftKey ? [wanted(), i] : [i])) },
      h("b", { text: c }), " ", h("span", { class: "t" }, fill), number);
    return { b, fill, number };
  });
  list.replaceChildren(...items.map(({ b }) => h("li", {}, b)));
  rather.replaceChildren(new Option("alone", ""), ...model.classes.map((c, i) => new Option(`rather than ${c}`, i)));
  was.replaceChildren(new Option("It was a …", ""), ...model.classes.map((c, i) => new Option(c, i)));
  epochs.hidden = !model.epochs.length;
  epoch.max = model.epochs.length - 1;
  learn.disabled = model.layers.at(-1).kind !== "SoftMax" || !model.params; // as a training would
  controls();
}

function paint(look) {
  if (look.model !== model) rebuild(look);
  const values = output(look), top = best(values), soft = model.layers.at(-1).kind === "SoftMax";
  items.forEach(({ b, fill, number }, i) => {
    const part = soft ? values[i] : Math.max(0, values[i] / model.values.at(-1).scale);
    const words = soft ? `${part > 0.9995 ? 100 : (100 * part).toFixed(1)} %` : minus(values[i].toFixed(2));
    fill.style.transform = `scaleX(${Math.min(1, part)})`;
    write(number, words);
    b.classList.toggle("top", i === top);
    b.setAttribute("aria-label", `${model.classes[i]} ${words}. Show the gradient of its score.`);
  });
  const [, height, width] = model.input, gradient = state.view === "backward" ? look.grad("x") : null;
  const [kind, scale] = gradient ? ["grad", quantile(gradient)] : ["ink", 1];
  paintMaps(sees, gradient ?? look.value("x"), [1, height, width], { kind, scale, cell: 84 });
  write(seesTitle, gradient ? `What makes it more ${name(wanted())}` : "What it sees");
  write(seesText, gradient ? "green: more ink here, purple: less. Raw gradients are noisy."
    : look.label >= 0 ? `a ${name(look.label)} of the test images`
    : pad.drawn() ? `${height}×${width}, centred on its ink` : "an empty page: draw a digit");
  correction.hidden = !pad.drawn();
  was.value = "";
  epoch.value = model.epochs.includes(state.epoch) ? model.epochs.indexOf(state.epoch) : model.epochs.length - 1;
  write(epochText, `after epoch ${model.epochs[epoch.value] ?? ""}`);
  if (!state.explain.length) controls();
  clearTimeout(saying);
  saying = setTimeout(say, 500);
}

// say tells a screen reader the two likeliest classes, if they are others than before.
function say() {
  const values = output(current), first = best(values), second = best(values.map((v, i) => (i === first ? -Infinity : v)));
  const part = (i) => `${model.classes[i]}, ${items[i].number.textContent.replace("%", "percent")}`;
  const words = `Probably ${part(first)}. Then ${part(second)}.`;
  if (words !== said) document.getElementById("say").textContent = said = words;
}

// judge counts a correction: the page keeps it, for this visit.
function judge() {
  if (was.value === "") return;
  if (Number(was.value) === best(output(current))) right++;
  else wrong++;
  write(tally, `${right} right, ${wrong} wrong`);
}

function controls() {
  const back = state.view === "backward", c = name(wanted());
  press(forward, !back);
  press(backward, back);
  press(winners, state.winners);
  press(learn, !!state.step);
  press(written, !state.fused);
  press(fused, state.fused);
  write(backward, `Backward from ${c}`);
  write(learn, state.step ? `${state.step.times} ${state.step.times > 1 ? "steps" : "step"} as a ${name(state.step.as)}` : `One step as a ${c}`);
  rather.hidden = !back;
  rather.value = state.explain[1] ?? "";
  const but = state.explain.length > 1 ? name(state.explain[1]) : null;
  write(low, back ? (but === null ? `against ${c}` : `for ${but}`) : "negative");
  write(high, back ? `for ${c}` : "positive");
  paintBars(legend, steps, { kind: back ? "grad" : "value", width: 80, height: 10 });
  rows.container.classList.toggle("fused", state.fused);
  items.forEach(({ b }, i) => {
    b.classList.toggle("for", back && state.explain[0] === i);
    b.classList.toggle("but", back && state.explain[1] === i);
    press(b, back && state.explain.includes(i));
  });
}

// key acts on the keys that the help lists, unless a field or the help has the focus.
function key(e) {
  if (state.tab !== "draw" || !current || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  const digit = Number(/^(?:Digit|Numpad)(\d)$/.exec(e.code)?.[1]);
  if (digit < current.model.classes.length) explain(...(e.shiftKey ? [wanted(), digit] : [digit]));
  else if (e.key === "Escape") set(state.step ? { step: null } : { view: "forward", explain: [] });
  else ({ z: pad.undo, c: pad.clear, e: pad.showExample, w: () => winners.click() })[e.key.toLowerCase()]?.();
}
