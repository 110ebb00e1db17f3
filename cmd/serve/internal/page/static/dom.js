// Makes elements: h those of HTML, svg those of SVG.

const put = (el, attrs, children) => {
  for (const [name, value] of Object.entries(attrs)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") el.textContent = value;
    else if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children);
  return el;
};

// h("button", {class: "btn", text: "Undo", onclick: f}, …children)
export const h = (tag, attrs = {}, ...children) => put(document.createElement(tag), attrs, children);

export const svg = (tag, attrs = {}, ...children) =>
  put(document.createElementNS("http://www.w3.org/2000/svg", tag), attrs, children);

// write sets an element's text if it differs: no layout for what stays.
export const write = (el, text) => { if (el.textContent !== text) el.textContent = text; };
