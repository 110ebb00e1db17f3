// The list of layers as chips. Each edit is tried at the server: a list that fits is
// the page's network at once, untrained; of one that does not, the layer says why.
import { getJSON } from "./api.js";
import { button, h } from "./dom.js";
import { set } from "./state.js";

const kinds = { // of layers: the numbers of a new one, and their names
  Conv2d: { filters: 8, kernel: 3 }, Rectify: {}, MaxPool2D: { pool: 2 }, Flatten: {}, Dense: { units: 32 }, SoftMax: {}, Dropout: { rate: 0.25 },
};
const parse = (text) => [...text.matchAll(/(\w+)(?:\((.*?)\))?((?:\.\w+\(\d*\))*)/g)].map(([, kind, numbers, window]) => ({ kind, numbers: numbers?.split(", ") ?? [], window }));
const format = (list) => list.map((l) => l.kind + (l.numbers.length ? `(${l.numbers.join(", ")})` : "") + l.window).join(", ");

// editor returns its element, and load(model), which shows the list of a network.
export function editor() {
  let list = [], tries = 0, timer = 0, asked = ""; // the network that was set last
  const chips = h("ol"), problem = h("p", { class: "problem", role: "alert" }), count = h("span", { class: "mute", role: "status" });
  const seed = h("input", { type: "number", min: 0, value: 1, oninput: later });
  const train = button("Train this", () => set({ tab: "train" }));
  const kind = h("select", { class: "btn", "aria-label": "Kind of the layer to add" }, ...Object.keys(kinds).map((k) => new Option(k)));
  const element = h("section", { class: "card editor", "aria-label": "List of layers" },
    h("div", { class: "row" }, h("h2", { text: "Layers" }), count), chips,
    h("div", { class: "row" }, kind, button("Add layer", add), h("label", {}, "seed of untrained weights ", seed), h("span", { class: "sp" }),
      train, button("Back to OneLayer", () => set({ net: "onelayer" })), button("Back to TwoLayer", () => set({ net: "twolayer" }))));

  function chip(layer, i) {
    const name = `layer ${i + 1}, ${layer.kind}`;
    const act = (role, text, label, disabled, onclick) => h("button", { text, disabled, onclick, "data-role": role, "aria-label": `${label} ${name}` });
    const swap = (j, role) => { [list[i], list[j]] = [list[j], list[i]]; edited(j, role); };
    const numbers = layer.numbers.map((value, k) => h("input", {
      type: "number", min: 0, step: "any", value, "data-role": "number" + k, "aria-label": `${Object.keys(kinds[layer.kind])[k]} of ${name}`,
      oninput: (e) => { layer.numbers[k] = e.target.value; later(); },
    }));
    const window = layer.kind === "Conv2d" || layer.kind === "MaxPool2D" ? h("input", {
      type: "text", value: layer.window, placeholder: ".Pad(1)", spellcheck: "false", title: "such as .Pad(2).Stride(2) or .Same()",
      "data-role": "window", "aria-label": `padding and stride of ${name}`, oninput: (e) => { layer.window = e.target.value.trim(); later(); },
    }) : "";
    return h("li", {}, h("b", { text: layer.kind }), ...numbers, window,
      act("left", "←", "Move earlier:", i === 0, () => swap(i - 1, "left")),
      act("right", "→", "Move later:", i === list.length - 1, () => swap(i + 1, "right")),
      act("remove", "×", "Remove", list.length === 1, () => { list.splice(i, 1); edited(Math.min(i, list.length - 1), "remove"); }));
  }

  // add puts a layer before a SoftMax at the end: only there can a list be trained.
  function add() {
    const at = list.length - (list.at(-1).kind === "SoftMax" ? 1 : 0);
    list.splice(at, 0, { kind: kind.value, numbers: Object.values(kinds[kind.value]), window: "" });
    edited(at, "number0");
  }

  // edited shows the changed list and keeps the focus at a control of chip i.
  function edited(i, role) {
    chips.replaceChildren(...list.map(chip));
    (chips.children[i].querySelector(`[data-role=${role}]:enabled`) ?? chips.children[i].querySelector("button:enabled")).focus();
    attempt();
  }

  const network = () => `list:${seed.value}:${format(list)}`;

  function later() {
    clearTimeout(timer);
    timer = setTimeout(attempt, 200);
  }

  // attempt asks whether the list fits. One that does not is no failed request: the
  // browser's console has nothing to say of it.
  async function attempt() {
    const mine = ++tries, net = network();
    const { error, layer } = await getJSON("/api/check?net=" + encodeURIComponent(net)).catch((err) => ({ error: err.message }));
    if (mine !== tries) return; // a newer edit
    complain(error, layer);
    if (!error) set({ net: (asked = net), step: null });
  }

  function complain(error = "", layer = 0) {
    const wrong = chips.children[layer - 1];
    for (const c of chips.children) c.classList.toggle("wrong", c === wrong);
    problem.textContent = error.replace(/^[\d:]+ /, ""); // without line and column
    (wrong ?? element).append(problem);
  }

  return {
    element,
    load(model) {
      const edit = model.key.startsWith("list:");
      count.textContent = `${model.params.toLocaleString("en")} parameters${edit ? ", untrained" : ""}`;
      if (model.key !== asked) asked = "";
      else if (network() !== asked) return; // a newer edit is on its way
      tries++;
      train.disabled = model.key === "file"; // it may be of other images than MNIST's
      if (edit && document.activeElement !== seed) seed.value = model.key.split(":")[1];
      if (format(list) !== model.list || list.length !== model.layers.length) { list = parse(model.list); chips.replaceChildren(...list.map(chip)); }
      complain();
    },
  };
}
