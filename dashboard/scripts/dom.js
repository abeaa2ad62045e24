// Elements from data. Text always becomes text nodes, so texts of a model or a catalogue never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element: `h("a", {class: "x", href: "#/"}, "text", child)`. null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Make an SVG element. */
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
 * Change `current` to match `wanted`. Existing elements are kept, and with them the focus, scroll positions
 * and opened details. Children are matched by `data-key`, or by position when they have none.
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
      update(known, next);
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

function update(known, next) {
  if (known.nodeType !== Node.ELEMENT_NODE) {
    if (known.nodeValue !== next.nodeValue) known.nodeValue = next.nodeValue;
    return;
  }
  for (const { name } of [...known.attributes]) {
    // `open` is the reader's own choice, so an update leaves it alone.
    if (!next.hasAttribute(name) && name !== "open") known.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (known.getAttribute(name) !== value && !(name === "open" && known.dataset.key))
      known.setAttribute(name, value);
  }
  morph(known, next);
}

/** Make a button that runs `action` of actions.js; `data` becomes its data attributes. */
export function button(action, label, data = {}, className = "") {
  const attributes = Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]));
  return h("button", { type: "button", class: className, "data-action": action, ...attributes }, label);
}

/** Make a section of the page with a title. */
export function section(key, title, ...children) {
  const id = `title-${key}`;
  const heading = h("h2", { id }, title);
  return h("section", { class: "card", "data-key": key, id: key, "aria-labelledby": id }, heading, children);
}

/** Make a table that scrolls by keyboard. A heading that starts with `~` is for screen readers only. */
export function table(label, head, rows, className = "") {
  const cells = head.map((text) =>
    h(
      "th",
      { scope: "col" },
      text.startsWith("~") ? h("span", { class: "visually-hidden" }, text.slice(1)) : text,
    ),
  );
  const box = {
    class: `scroll ${className}`,
    tabindex: "0",
    role: "region",
    "aria-label": `${label}, table`,
  };
  return h("div", box, h("table", {}, h("thead", {}, h("tr", {}, cells)), h("tbody", {}, rows)));
}
