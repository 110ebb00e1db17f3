// Starts the page: the header, the tabs and the theme. A tab is a module and its style
// sheet, which are loaded when the tab is first opened.
import { banner, getJSON } from "./api.js";
import { h } from "./dom.js";
import { forget, loadModel } from "./model.js";
import { on, read, set, state } from "./state.js";

const at = (id) => document.getElementById(id);
const tabs = [...document.querySelectorAll("[role=tab]")];
const opened = new Set();

on(["theme"], () => { document.documentElement.dataset.theme = state.theme; });
on(["tab"], showTab);
on(["net"], showNetwork);

async function showTab() {
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === state.tab;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    at(tab.dataset.tab).hidden = !chosen;
  }
  if (opened.has(state.tab)) return;
  opened.add(state.tab);
  const container = at(state.tab), sheet = h("link", { rel: "stylesheet", href: `${state.tab}.css` });
  const styled = new Promise((done) => sheet.addEventListener("load", done));
  document.head.append(sheet);
  const module = await import(`./${state.tab}.js`);
  await styled;
  module.show(container);
}

// listNetworks fills the select. The Train tab calls it after a training.
export async function listNetworks() {
  forget("trained");
  const nets = await getJSON("/api/networks");
  at("net").replaceChildren(...nets.map((n) => new Option(n.title, n.key)));
  if (state.net.startsWith("list:")) at("net").append(new Option("Edited list", state.net));
  at("net").value = state.net;
}

async function showNetwork() {
  await listNetworks();
  try {
    const model = await loadModel(state.net);
    const right = model.accuracy ? `, ${(100 * model.accuracy).toFixed(2)} % of 10,000 test digits right` : "";
    at("accuracy").textContent = model.params.toLocaleString("en") + " parameters" + right;
    at("accuracy").hidden = false;
  } catch (err) {
    banner(err.message);
    if (state.net !== "onelayer") set({ net: "onelayer" });
  }
}

for (const tab of tabs) tab.addEventListener("click", () => set({ tab: tab.dataset.tab }));
tabs[0].parentElement.addEventListener("keydown", (e) => {
  const by = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[e.key];
  if (!by) return;
  const next = tabs[(tabs.findIndex((t) => t.dataset.tab === state.tab) + by) % tabs.length];
  set({ tab: next.dataset.tab });
  next.focus();
});
at("net").addEventListener("change", (e) => { banner(""); set({ net: e.target.value }); });
at("theme").addEventListener("click", () => set({ theme: state.theme === "dark" ? "light" : "dark" }));
at("help").addEventListener("click", () => at("keys").showModal());
addEventListener("keydown", (e) => {
  if (e.key === "?" && !e.target.matches("input, select, textarea") && !at("keys").open) at("keys").showModal();
});

read();
