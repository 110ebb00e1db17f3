// The charts of a training: SVG in CSS pixels, written anew with each change, and
// words for those who do not see it.
import { svg } from "./dom.js";

// An axis: at(v) is where a value is, in any unit, text(v) the label of a tick.

// logAxis holds all values above 0. Its ticks are 1, 2 and 5 times powers of ten.
export function logAxis(values) {
  const grid = [...Array(36).keys()].map((i) => Number(`${[1, 2, 5][i % 3]}e${Math.floor(i / 3) - 6}`));
  const shown = values.length ? values.filter((v) => v > 0) : [0.05, 2];
  const low = Math.min(...shown, 1), high = Math.max(...shown, 2 * low);
  const first = Math.max(0, grid.findLastIndex((g) => g <= low)), end = grid.findIndex((g) => g >= high), last = end < 0 ? 35 : end;
  const ticks = grid.filter((_, i) => i >= first && i <= last && (last - first < 9 || i % 3 === 0));
  return { ticks, low: grid[first], high: grid[last], at: Math.log, text: String };
}

// ninesAxis gives each further nine of an accuracy the same room: 90 %, 99 %, …
// What is above its end is drawn there.
export const ninesAxis = {
  ticks: [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995], low: 0, high: 0.9965,
  at: (a) => -Math.log(Math.max(1 - a, 1e-4)), text: (a) => `${+(100 * a).toFixed(1)} %`,
};

// smooth is a running mean of points [epochs, value]. Its window grows with the run,
// up to half an epoch or ten points: it starts at the first point and keeps up while
// values fall.
export function smooth(points) {
  let mean = 0, before = 0;
  return points.map(([x, v], i) => {
    const window = Math.min(x / 4, Math.max(0.5, (10 * x) / i));
    mean += (i ? 1 - Math.exp((before - x) / window) : 1) * (v - mean);
    before = x;
    return [x, mean];
  });
}

// drawChart fills el. The words at the ends of lines are to the right of all that is
// drawn now, so they cover only what was before.
// Points are [epochs, value].
//
//   name, axis  what is shown, and where       epochs  the end of the x axis
//   dots, line  the steps, and their mean      test    values after epochs
//   old         the previous run's {line, test}
//   text        text(v), at the ends of lines
export function drawChart(el, { name, axis, epochs, dots, line, test = [], old = {}, text, height = 240 }) {
  const width = el.parentElement.clientWidth - 24, left = 44, right = width - 98, top = 10, bottom = height - 34;
  const [low, high] = [axis.at(axis.low), axis.at(axis.high)];
  const X = (x) => left + (Math.min(x, epochs) / epochs) * (right - left);
  const Y = (v) => bottom - (Math.max(0, Math.min(1, (axis.at(v) - low) / (high - low))) || 0) * (bottom - top);
  const label = (x, y, anchor, words, name) => svg("text", { x, y: y + 4, "text-anchor": anchor, class: name }, words);
  const path = (name, points = [], dot = false) => svg("path", { class: name, d: points.filter(([x]) => x <= epochs)
    .map(([x, v], i) => (dot || !i ? "M" : "L") + X(x).toFixed(1) + " " + Y(v).toFixed(1) + (dot ? "h0" : "")).join("") });

  const step = [1, 2, 5, 10, 20].find((s) => epochs / s <= 6) ?? epochs;
  const parts = [label((left + right) / 2, bottom + 27, "middle", "epochs")];
  for (let x = 0; x <= epochs; x += step) parts.push(label(X(x), bottom + 13, "middle", x));
  for (const t of axis.ticks) parts.push(svg("path", { class: "tick", d: `M${left} ${Y(t)}H${right}` }), label(left - 6, Y(t), "end", axis.text(t)));
  parts.push(path("old", old.line), path("old test", old.test), path("dots", dots, true), path("line", line), path("test now", test),
    ...test.map(([x, v]) => svg("rect", { class: "now", x: X(x) - 3, y: Y(v) - 3, width: 6, height: 6 })));

  const ends = [["train", line, "strong"], ["test", test, "strong now"], ["before", old.test?.length ? old.test : old.line ?? [], ""]]
    .filter(([, points]) => points.length)
    .map(([what, points, name]) => { const v = points.at(-1)[1]; return { what, name, y: Y(v), words: `${what} ${text(v)}` }; })
    .sort((a, b) => a.y - b.y);
  ends.forEach((e, i) => { if (i) e.y = Math.max(e.y, ends[i - 1].y + 14); });
  const now = X(Math.max(0, ...[...line, ...test].map(([x]) => x))) + 8;
  for (const e of ends) parts.push(label(e.what === "before" ? right + 8 : now, e.y - Math.max(0, ends.at(-1).y - bottom), "start", e.words, e.name));

  el.setAttribute("viewBox", `0 0 ${width} ${height}`);
  el.setAttribute("height", height);
  el.setAttribute("aria-label", [`${name} over ${epochs} epochs`, ...ends.map((e) => e.words)].join(", "));
  el.replaceChildren(...parts);
}
