// Asks the server what the network makes of the drawing. One request is in flight
// at a time; when its answer is there, the newest wish is sent.
import { banner, post } from "./api.js";
import { best, decode, loadModel, output, weights } from "./model.js";
import { on, set, state } from "./state.js";

export let current = null; // the latest answer, decoded

let subject = { strokes: [] };
let extra = {}; // node, heavy: until they are taken back
let seq = 0, asked = false, busy = false, again = false;
const listeners = [];

// onLook calls f(look) with each answer, at once if there is one.
export function onLook(f) {
  listeners.push(f);
  if (current) f(current);
}

// request asks for a look of {strokes} or {example}, or of what was asked before.
// node (the ID of an ExprGraph node) and heavy stay until null or false is given.
export function request(what = {}) {
  const { strokes, example, ...rest } = what;
  if (strokes) subject = { strokes };
  if (example !== undefined) subject = { example };
  extra = { ...extra, ...rest };
  again = asked = true;
  if (!busy) send();
}

async function send() {
  busy = true;
  while (again) {
    again = false;
    try {
      const model = await loadModel(state.net);
      if (state.explain.some((c) => c >= model.classes.length)) set({ view: "forward", explain: [] });
      const answer = await post("/api/look", body(model));
      const look = decode(await answer.arrayBuffer(), model);
      look.weights ??= await weights(model, epochOf(model));
      if (model.key !== state.net) continue; // the change has asked again
      current = look;
      for (const f of listeners) f(look);
    } catch (err) {
      if (err.status === 503) await new Promise((done) => setTimeout(done, 1000));
      again ||= err.status === 503 || err.status === 0;
      if (!again) { banner(err.message); if (err.status === undefined) throw err; }
    } finally { busy = again; }
  }
}

function body(model) {
  const b = { net: state.net, seq: ++seq, ...subject };
  if (epochOf(model) !== null) b.epoch = state.epoch;
  if (explained(model).length) b.explain = explained(model);
  if (state.step) b.step = state.step;
  if (extra.heavy && b.explain) b.heavy = true;
  if (Number.isInteger(extra.node)) b.node = extra.node;
  return b;
}

const epochOf = (model) => (model.epochs.includes(state.epoch) ? state.epoch : null);

// explained are the classes whose gradient a look has: the Graph tab always shows
// one, of the most probable class if none is chosen.
export function explained(model) {
  const chosen = state.explain;
  if (state.view === "backward" && chosen.length) return chosen;
  if (state.tab !== "graph") return [];
  return chosen.length ? chosen : [current?.model === model ? best(output(current)) : 0];
}

on(["net", "epoch", "view", "explain", "step", "tab"], () => { if (asked) request(); });
