// Short messages at the foot of the page; screen readers hear them.

import { h } from "./dom.js";

const SECONDS = 8;

export function notice(text, tone = "good") {
  const shown = h("p", { class: `notice ${tone}` }, text);
  document.getElementById("notices").append(shown);
  setTimeout(() => shown.remove(), SECONDS * 1000);
}
