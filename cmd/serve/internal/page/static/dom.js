// Makes elements: h those of HTML, svg those of SVG.

const put = (el, attrs, children) => {
  for (const [name, value] of Object.entries(attrs)) {
    if (value == null || value === false) continue;
    if (name === "text") el.textContent = value;
    else if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children);
  return el;
};

// h("button", {class: "btn", text: "Undo", onclick: f}, …children)
export const h = (tag, attrs = {}, ...children) => put(document.createElement(tag), attrs, children);

export const button = (text, onclick, attrs) => h("button", { class: "btn", text, onclick, ...attrs });

export const svg = (tag, attrs = {}, ...children) =>
  put(document.createElementNS("http://www.w3.org/2000/svg", tag), attrs, children);

export const press = (button, on) => button.setAttribute("aria-pressed", on);

// minus is a number's text with signs as wide as plus.
export const minus = (v) => String(v).replaceAll("-", "−");

// write sets an element's text if it differs: no layout for what stays.
export const write = (el, text) => { if (el.textContent !== text) el.textContent = text; };

// Glyphs tell kinds apart by shape: colour is sign alone.
export const glyphs = {
  Conv2d: "M-6-6H6V6H-6Z M-6-6H1V1H-6Z", Rectify: "M-7 5H0L6-5", MaxPool2D: "M-6-6H6V6H-6Z M0-6V6 M-6 0H6",
  Dense: "M0-6A6 6 0 1 1-.1-6Z", SoftMax: "M0-7L7 0 0 7-7 0Z", Flatten: "M-7 0H7", Dropout: "M-6-6H6V6H-6Z M-6 6L6-6",
};
