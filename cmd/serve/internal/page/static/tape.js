// The scrubber under the graph: the tape machine's instructions in the order in which
// they run, one at a time.
import { button, h, write } from "./dom.js";
import { request } from "./look.js";
import { bounds, number, paint, size } from "./tensor.js";

// describe says what an instruction does: "conv1 · im2col", "∂ relu1 → ∂ conv1".
function describe(t) {
  const d = t.grad ? "∂ " : "", work = d + t.layer + (t.value && t.value !== t.layer ? ` → ${d}${t.value}` : "");
  return work.startsWith(t.op) ? work : `${work} · ${t.op}`;
}

// scrubber returns its element and what moves it; moved is called after each move.
// Position 0 is the tape at rest, all of its tensors there; position i is the moment
// after instruction i, from 1.
export function scrubber(moved) {
  let model = null, look = null, at = 0, timer = 0;
  const step = (by) => () => { pause(); move(at + by); };
  const slider = h("input", { type: "range", min: 0, "aria-label": "Instruction of the tape", oninput: () => move(slider.valueAsNumber) });
  const play = button("", () => (timer ? pause() : start()));
  const words = h("p"), reads = h("p", { class: "row reads" });
  const figures = ["value", "grad"].map((kind) => {
    const canvas = h("canvas"), caption = h("figcaption", { class: "mute" });
    return { kind, canvas, caption, element: h("figure", { role: "img", hidden: true }, caption, canvas) };
  });
  const element = h("section", { class: "card scrubber", "aria-label": "Tape" },
    h("div", { class: "row" }, button("◀", step(-1), { "aria-label": "Instruction before" }), slider, button("▶", step(1), { "aria-label": "Next instruction" }), play),
    words, reads, ...figures.map((f) => f.element));

  function start() {
    if (at === model.tape.length) move(0);
    timer = setInterval(() => (at < model.tape.length ? move(at + 1) : pause()), 500);
    write(play, "Pause");
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    write(play, "Play");
  }

  function move(to) {
    at = Math.max(0, Math.min(model.tape.length, to));
    slider.value = at;
    const t = model.tape[at - 1];
    request({ node: t && !t.value ? t.node : null });
    reads.replaceChildren(...(t?.reads ?? []).map((i) => button(`reads ${i + 1}: ${describe(model.tape[i])}`, () => move(i + 1))));
    show();
    moved();
  }

  function show() {
    const n = model.tape.length, t = model.tape[at - 1], run = t && look?.tape(at - 1);
    let text = `${n} instructions: step through them, or choose a node above`;
    if (t) text = `instruction ${at} of ${n}: ${describe(t)} · ${size(t.shape)}`;
    if (run?.micros >= 0) text += ` · ${number(run.micros)} µs · min ${number(run.min)} max ${number(run.max)}`;
    write(words, text);
    slider.setAttribute("aria-valuetext", text);
    figures.forEach((f) => illustrate(f, t));
  }

  // illustrate shows the tensor of instruction t or, below it as micrograd does, its
  // gradient. A tensor without a name comes with the look that asked for its node.
  function illustrate({ kind, canvas, caption, element: figure }, t) {
    const grad = kind === "grad", tensor = t && (model.value.get(t.value) ?? model.parameter.get(t.value));
    const shape = tensor?.shape ?? t?.shape.slice(t.shape[0] === 1 ? 1 : 0);
    const values = t && look && (tensor ? (grad ? look.grad(t.value) : look.value(t.value) ?? look.parameter(t.value)) : t.grad === grad && look.node);
    figure.hidden = values?.length !== shape?.reduce((a, b) => a * b, 1) || !values; // no look, or one of another node
    if (figure.hidden) return;
    write(caption, `${grad ? "∂ " : ""}${t.value || "result"} · ${size(shape)} · ${bounds(values)}`);
    figure.setAttribute("aria-label", caption.textContent);
    paint(canvas, values, shape, Math.min(400, element.clientWidth - 26), kind, grad ? undefined : tensor?.scale);
  }

  pause();
  return {
    element, move, pause,
    at: () => at,
    // exists reports whether the result of instruction i, from 0, is in memory: it has
    // run, and who reads it last has not. What nobody reads stays, as inputs (−1) do.
    exists: (i) => at === 0 || i < 0 || (i < at && (model.tape[i].last === i || model.tape[i].last >= at - 1)),
    load(m) { pause(); look = null; model = m; slider.max = m.tape.length; move(0); },
    update(l) { look = l; show(); },
  };
}
