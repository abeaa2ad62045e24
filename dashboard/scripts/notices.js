// Short messages at the bottom of the page. Screen readers announce them.

import { h } from "./dom.js";

const SHOWN_SECONDS = 8;

export function notice(text, tone = "good") {
  const shown = h("p", { class: `notice ${tone}` }, text);
  document.getElementById("notices").append(shown);
  setTimeout(() => shown.remove(), SHOWN_SECONDS * 1000);
}
