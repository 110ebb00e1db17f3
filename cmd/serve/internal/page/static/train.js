// The Train tab: starts a training and shows how it goes, from the events of
// GET /api/train/events. The server replays them, so a reload shows everything.
import { banner, get, post } from "./api.js";
import { listNetworks } from "./app.js";
import { drawChart, logAxis, ninesAxis, smooth } from "./charts.js";
import { button, h, svg, write } from "./dom.js";
import { request } from "./look.js";
import { paintMaps, ramp } from "./ramp.js";
import { on, set, state } from "./state.js";

const ui = {}; // the elements that change, by name
const keep = (name, el) => (ui[name] = el);
const card = (name, title, note, el) =>
  keep(name, h("section", { class: "card " + name }, h("h2", {}, title, " ", h("span", { class: "mute", text: note })), keep(name + "Shown", el)));
const chart = (name, title, note) => card(name, title, note, svg("svg", { role: "img" }));
const numbers = ["epoch", "training loss", "test loss", "test accuracy", "time"];

export function show(container) {
  container.append(
    h("div", { class: "side" }, form(), progress()),
    h("div", { class: "results" },
      h("dl", { class: "card numbers" }, ...numbers.map((name) => h("div", {}, h("dt", { class: "mute", text: name }), keep(name, h("dd"))))),
      h("div", { class: "charts" }, chart("loss", "Loss", "log axis; a dot is a batch"),
        chart("accuracy", "Accuracy", "evenly by nines; 100 % is at the top")),
      h("div", { class: "more" },
        h("div", {}, chart("norm", "Gradient", "its norm"), card("confusion", "Confusion", "digit ↓ answer →", h("table", { "aria-label": "Confusion" }))),
        h("div", {}, card("filters", "", "", h("canvas", { role: "img" })),
          card("hardest", "Hardest test digits", "wrong, and surest of it", h("ul"))),
        card("lines", "As Keras prints it", "", h("pre", { class: "mono", tabindex: 0 })))));
  on(["net"], follow);
  on(["tab"], changed);
  on(["theme"], () => { painted = {}; changed(); });
  new ResizeObserver(() => { painted.weights = null; changed(); }).observe(container);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (e) => { if (e.persisted) listen(); });
  follow();
  listen();
}

// The form. What is left empty is as the server has it.

function form() {
  const field = (label, el) => h("label", { class: "field" }, label, el);
  const input = (label, name, value, placeholder) =>
    field(label, h("input", { name, value, placeholder, inputmode: "decimal", autocomplete: "off" }));
  return keep("form", h("form", { class: "card", onsubmit: (e) => { e.preventDefault(); command("", settings()); } },
    field("Network", h("select", { class: "btn", name: "list" }, new Option("OneLayer", "onelayer"), new Option("TwoLayer", "twolayer"))),
    input("Epochs", "epochs", 10), input("Batch", "batch", 200), input("Learning rate", "rate", 0.001), input("Seed", "seed", 1),
    input("Images", "limit", "", "all"), input("Stop at accuracy", "accuracy", "", "never"),
    h("div", { class: "row" },
      keep("start", button("Start")),
      keep("pause", button("", () => command("/pause", { paused: run.state === "running" }), { type: "button" })),
      keep("stop", button("Stop", () => command("/stop"), { type: "button" }))),
    keep("error", h("p", { role: "alert", class: "wrong" }))));
}

const isKey = (text) => text.endsWith("layer"); // a list ends with SoftMax

// choose selects a network: a key, or the text of an edited list.
function choose(value) {
  const { list } = ui.form.elements;
  if (![...list.options].some((o) => o.value === value)) list.append(new Option("Edited list", value));
  list.value = list.title = value;
}

// follow chooses the network of the other tabs, if it can be trained.
function follow() {
  const text = state.net.replace(/^list:\d+:/, "");
  if (text !== state.net || isKey(text)) choose(text);
}

function settings() {
  const { list, ...rest } = Object.fromEntries(new FormData(ui.form));
  return isKey(list) ? { net: list, ...rest } : { list, ...rest };
}

// command posts to the training, and says what is wrong at its field.
async function command(path, body) {
  let wrong = {};
  try { await post("/api/train" + path, body); } catch (err) { wrong = err; }
  ui.form.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  const input = ui.form.elements[wrong.field === "net" ? "list" : wrong.field];
  (input?.parentElement ?? ui.form).append(ui.error);
  ui.error.textContent = wrong.message ?? "";
  if (!input) return;
  input.setAttribute("aria-invalid", true);
  input.focus();
}

function progress() {
  return keep("progress", h("section", { class: "card" },
    h("div", { class: "row" }, keep("where", h("h2")), h("span", { class: "sp" }), keep("step", h("span", { class: "mute" }))),
    keep("bar", h("progress", { "aria-label": "Steps" })), keep("left", h("p", { class: "mute" })),
    keep("use", button("Use these weights", use))));
}

async function use() {
  try { await listNetworks(); } catch (err) { return banner(err.message); }
  set({ net: "trained", epoch: null, step: null, tab: "draw" });
  request(); // it may have been "trained" before, of other weights
}

// The events.

const mostSteps = 1000; // kept of a training; of more, every other
const empty = () => ({ state: "none", settings: { epochs: 10 }, perEpoch: 1, steps: [], epochs: [], scale: 0 });
let run = empty(), old = null; // the latest training and the one before
let source = null;
let told = run; // of the two, the one that the events tell of

const events = {
  start({ settings, steps, filters, previous }) {
    told = { ...empty(), state: "running", settings, perEpoch: steps, filters };
    if (previous) { old = told; return; }
    if (run.steps.length) old = run;
    run = told;
    const key = settings.title.toLowerCase();
    if (!state.net.startsWith("list:")) choose(isKey(key) ? key : settings.list); // else it is being edited
    for (const input of ui.form.querySelectorAll("input")) input.value = settings[input.name] || (input.placeholder ? "" : 0);
  },
  step(e) {
    told.steps.push({ ...e, x: e.epoch - 1 + e.step / told.perEpoch });
    if (told.steps.length > mostSteps) told.steps = told.steps.filter((_, i, all) => (all.length - i) % 2);
  },
  epoch(e) { told.epochs.push(e); },
  weights({ values }) {
    told.weights = new Float32Array(Uint8Array.from(atob(values), (c) => c.charCodeAt(0)).buffer);
    told.scale = told.weights.reduce((most, w) => Math.max(most, Math.abs(w)), told.scale); // it only grows: no flicker
  },
  state(e) { told.state = e.state; },
  end(e) { Object.assign(told, { state: e.state, why: e.error || e.reason }); },
};

// listen opens the stream, from its start: what was shown before may be of another
// run of the server. A page that is left closes it, as a browser opens only six
// connections to a server.
function listen() {
  source = new EventSource("/api/train/events");
  source.onopen = () => { told = run = empty(); old = null; changed(); };
  for (const name in events) source.addEventListener(name, (e) => { events[name](JSON.parse(e.data)); changed(); });
  source.onerror = async () => {
    source.close();
    await new Promise((done) => setTimeout(done, 1000));
    await get("/healthz").catch(() => {});
    listen();
  };
}

// What is shown.

let painted = {}; // the epoch and the weights that are
let listed = ""; // the state in which the networks were listed last
let frame = 0;
function changed() { frame ||= requestAnimationFrame(() => { frame = 0; if (state.tab === "train") paint(); }); }

const percent = (a) => (100 * a).toFixed(2) + " %";
const short = (v) => v.toPrecision(3);
const time = (s) => (s < 60 ? s.toFixed(s < 10 ? 1 : 0) + " s" : `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")} min`);
const seconds = () => run.epochs.reduce((sum, e) => sum + e.seconds, 0);
const points = (list, name) => list.filter((e) => Number.isFinite(e[name])).map((e) => [e.x ?? e.epoch, e[name]]);

function paint() {
  const last = run.epochs.at(-1), under = ["running", "paused"].includes(run.state);
  ui.start.classList.toggle("go", !under);
  ui.pause.disabled = ui.stop.disabled = !under;
  write(ui.pause, run.state === "paused" ? "Continue" : "Pause");
  paintProgress(last, under);
  const loss = paintCharts();
  const shown = [
    last && `${last.epoch}/${run.settings.epochs}`, loss && short(loss),
    last && short(last.val_loss), last && percent(last.val_accuracy), last && time(seconds()),
  ];
  numbers.forEach((name, i) => write(ui[name], shown[i] ?? "–"));
  ui.filters.hidden = !run.weights;
  if (run.weights && painted.weights !== run.weights) paintFilters((painted.weights = run.weights));
  ui.lines.hidden = !last;
  ui.confusion.hidden = !last?.confusion.length;
  ui.hardest.hidden = !last?.hardest.length;
  if (last && painted.epoch !== last) paintEpoch((painted.epoch = last));
  if (last && listed !== run.state) { // "trained" is new, or has its last weights
    listed = run.state;
    listNetworks().catch((err) => banner(err.message));
  }
}

function paintProgress(last, under) {
  const { perEpoch, settings: { epochs } } = run, step = run.steps.at(-1);
  const done = Math.max((last?.epoch ?? 0) * perEpoch, step ? (step.epoch - 1) * perEpoch + step.step : 0);
  const now = Math.min(epochs, Math.floor(done / perEpoch) + 1), each = last ? seconds() / last.epoch / perEpoch : 0;
  ui.progress.hidden = run.state === "none";
  const where = `${run.state === "paused" ? "Paused, epoch" : "Epoch"} ${now} of ${epochs}`;
  write(ui.where, under ? where : run.state[0].toUpperCase() + run.state.slice(1) + (run.why ? ": " + run.why : ""));
  write(ui.step, under ? `${done - (now - 1) * perEpoch}/${perEpoch}` : "");
  Object.assign(ui.bar, { max: epochs * perEpoch, value: done });
  write(ui.left, each ? `${short(1000 * each)} ms a step` + (under ? ` · ${time(each * (epochs * perEpoch - done))} left` : "") : "");
  ui.use.hidden = !last;
}

// paintCharts returns the loss at the end of its line.
function paintCharts() {
  const lines = (r, name) => ({ dots: points(r.steps, name), line: smooth(points(r.steps, name)), test: points(r.epochs, "val_" + name) });
  const draw = (name, axis, text, height) => {
    const now = lines(run, name), before = old && lines(old, name);
    const values = [now.line, now.test, before?.line, before?.test].flatMap((list) => list ?? []).map(([, v]) => v);
    const title = ui[name].firstChild.firstChild.data;
    drawChart(ui[name + "Shown"], { name: title, axis: axis(values), epochs: run.settings.epochs, ...now, old: before ?? {}, text, height });
    return now.line.at(-1)?.[1];
  };
  draw("accuracy", () => ninesAxis, percent);
  draw("norm", logAxis, short, 150);
  return draw("loss", logAxis, short);
}

function paintFilters(values) {
  const { name, shape } = run.filters, width = ui.filters.clientWidth - 24, columns = Math.min(shape[0], width < 1000 ? 8 : 16);
  paintMaps(ui.filtersShown, values, shape, { scale: run.scale, columns, gap: 4, cell: Math.min(70, Math.floor((width + 4) / columns) - 4) });
  const [title, , note] = ui.filters.firstChild.childNodes;
  write(title, name);
  write(note, `${shape[0]} filters as they are learned, ±${short(run.scale)}`);
  ui.filtersShown.setAttribute("aria-label", `${name}, ${note.textContent}`);
}

function paintEpoch(e) {
  const { epochs } = run.settings;
  write(document.getElementById("say"), `Epoch ${e.epoch} of ${epochs}: test accuracy ${percent(e.val_accuracy)}, test loss ${short(e.val_loss)}`);
  write(ui.linesShown, run.epochs.map((e) => `Epoch ${e.epoch}/${epochs}\n${e.line}`).join("\n"));
  ui.linesShown.scrollTop = ui.linesShown.scrollHeight;
  if (e.confusion.length) paintConfusion(e.confusion);
  if (e.hardest.length) paintHardest(e).catch((err) => banner(err.message));
}

// paintConfusion colours mistakes by the most frequent one after the first epoch:
// they fade as the network learns. Every 11th count is on the diagonal: right.
function paintConfusion(counts) {
  const first = run.epochs.find((e) => e.confusion.length).confusion, most = Math.max(1, ...first.filter((_, i) => i % 11));
  const digits = [...Array(10).keys()];
  const cell = (count, label, guess) => {
    if (label === guess) return h("td", { class: "right", text: count, title: `${label}: ${count} right` });
    const td = h("td", { class: !count && "none", text: count, title: `${label} taken for ${guess}: ${count}` });
    td.style.background = ramp("ink", 0.28 * count / most); // the number stays legible
    return td;
  };
  const line = (label) => digits.map((guess) => cell(counts[10 * label + guess], label, guess));
  ui.confusionShown.replaceChildren(h("tr", {}, h("td"), ...digits.map((d) => h("th", { scope: "col", text: d }))),
    ...digits.map((label) => h("tr", {}, h("th", { scope: "row", text: label }), ...line(label))));
}

async function paintHardest(e) {
  const answer = await get("/api/digits?index=" + e.hardest.map((d) => d.index));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (painted.epoch !== e) return; // the next one came first
  ui.hardestShown.replaceChildren(...e.hardest.map((d, i) => {
    const canvas = h("canvas");
    paintMaps(canvas, bytes.subarray(784 * i, 784 * (i + 1)), [28, 28], { kind: "ink", scale: 255, cell: 56 });
    const words = [h("b", { text: `${d.label} → ${d.guess}` }), h("span", { class: "mute", text: percent(d.probability) })];
    return h("li", { title: `test image ${d.index}` }, canvas, ...words);
  }));
}
