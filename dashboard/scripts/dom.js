// Elements from data. Texts are always text nodes: what a model or a catalogue wrote never becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: `h("a", {class: "x", href: "#/"}, "text", child)`. null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child != null && child !== false));
  return element;
}

/**
 * Make `current` look like `wanted` and keep its elements, so that focus, scrolling and what the reader has
 * opened stay. Children are paired by `data-key`, else by place.
 */
export function morph(current, wanted) {
  const keyed = new Map();
  for (const child of current.children) if (child.dataset.key) keyed.set(child.dataset.key, child);
  let place = current.firstChild;
  for (const next of [...wanted.childNodes]) {
    const known = next.dataset?.key ? keyed.get(next.dataset.key) : place;
    if (known && known.nodeName === next.nodeName && known.dataset?.key === next.dataset?.key) {
      if (known !== place) current.insertBefore(known, place);
      else place = place.nextSibling;
      mend(known, next);
    } else {
      current.insertBefore(next, place);
    }
  }
  while (place) {
    const following = place.nextSibling;
    place.remove();
    place = following;
  }
}

function mend(known, next) {
  if (known.nodeType !== Node.ELEMENT_NODE) {
    if (known.nodeValue !== next.nodeValue) known.nodeValue = next.nodeValue;
    return;
  }
  for (const { name } of [...known.attributes]) {
    // A reader's own opening and closing outlives what is shown anew.
    if (!next.hasAttribute(name) && name !== "open") known.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (known.getAttribute(name) !== value && !(name === "open" && known.dataset.key))
      known.setAttribute(name, value);
  }
  morph(known, next);
}

/** A button whose act is carried out by `acts.js`; `facts` become its data attributes. */
export function button(act, label, facts = {}, look = "") {
  const data = Object.fromEntries(Object.entries(facts).map(([name, value]) => [`data-${name}`, value]));
  return h("button", { type: "button", class: look, "data-act": act, ...data }, label);
}

/** A titled part of the page. */
export function section(key, title, ...children) {
  const id = `title-${key}`;
  const heading = h("h2", { id }, title);
  return h("section", { class: "card", "data-key": key, id: key, "aria-labelledby": id }, heading, children);
}

/** A table in a box that can be scrolled by keyboard. A heading after `~` is for screen readers. */
export function table(label, head, rows, look = "") {
  const cells = head.map((text) =>
    h("th", { scope: "col" }, text.startsWith("~") ? h("span", { class: "unseen" }, text.slice(1)) : text),
  );
  const box = { class: `scroll ${look}`, tabindex: "0", role: "region", "aria-label": `${label}, table` };
  return h("div", box, h("table", {}, h("thead", {}, h("tr", {}, cells)), h("tbody", {}, rows)));
}
