// What the page shows. The part that a link keeps is in the URL's fragment.

export const state = {
  tab: "", // "draw", "train" or "graph"
  net: "", // a key of GET /api/networks, or "list:SEED:LAYERS"
  epoch: null, // of the weights; null: the last
  view: "forward", // or "backward": from explain
  explain: [], // [4]: the logit of 4; [4, 9]: logit of 4 − logit of 9
  step: null, // {as: 4, times: 1}: Adam steps on this image, as a 4
  winners: false, // fade what loses its pooling window
  fused: false, // mark what the fused network never stores
  column: 0, // the chosen map, from 0
  row: null, // the chosen {name, cell, pinned} of a row; cell: the index in its map, or the unit
  layer: "", // the layer that the pointer is on
  theme: "", // "light" or "dark": as it is shown
};

const listeners = [];

// on calls f after each change of one of the keys, an array.
export function on(keys, f) { listeners.push([keys, f]); }

// set merges changes, writes the fragment and calls each listener once.
export function set(changes) {
  // Another network has other epochs, rows and maps.
  if ("net" in changes && changes.net !== state.net) changes = { epoch: null, row: null, step: null, column: 0, ...changes };
  const changed = Object.keys(changes).filter((k) => !same(state[k], changes[k]));
  if (!changed.length) return;
  Object.assign(state, changes);
  const hash = "#" + fragment();
  if (hash !== location.hash) history.replaceState(null, "", hash);
  for (const [keys, f] of listeners) if (keys.some((k) => changed.includes(k))) f();
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

const preferred = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

function fragment() {
  const q = new URLSearchParams({ tab: state.tab, net: state.net });
  if (state.epoch !== null) q.set("epoch", state.epoch);
  if (state.view === "backward") q.set("explain", state.explain);
  if (state.fused) q.set("fused", 1);
  if (state.theme !== preferred()) q.set("theme", state.theme);
  return q.toString();
}

// read sets the state to what the fragment says.
export function read() {
  const q = new URLSearchParams(location.hash.slice(1));
  const explain = [...new Set((q.get("explain") ?? "").split(",").filter((s) => /^\d+$/.test(s)).map(Number))].slice(0, 2);
  set({
    tab: ["draw", "train", "graph"].includes(q.get("tab")) ? q.get("tab") : "draw",
    net: q.get("net") || "onelayer",
    epoch: /^\d+$/.test(q.get("epoch")) ? Number(q.get("epoch")) : null,
    view: explain.length ? "backward" : "forward", explain,
    fused: q.get("fused") === "1",
    theme: ["light", "dark"].includes(q.get("theme")) ? q.get("theme") : preferred(),
  });
}
addEventListener("hashchange", read);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => set({ theme: preferred() }));
