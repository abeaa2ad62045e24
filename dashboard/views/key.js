// Asking for the API key, once a tab.

import { fields } from "../scripts/dialogs.js";
import { h } from "../scripts/dom.js";
import { key } from "../scripts/api.js";

export function askForKey(main, said, enter) {
  const field = h("input", {
    name: "key",
    type: "password",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
  });
  const form = h(
    "form",
    { class: "card key" },
    h("h1", {}, "Instrument content"),
    h(
      "p",
      {},
      "Content for musical instruments in seven languages: what runs, what waits, and what needs you.",
    ),
    said && h("p", { class: "problem", role: "alert" }, said),
    h(
      "label",
      { class: "field" },
      h("span", {}, "API key"),
      field,
      h(
        "small",
        {},
        "One of API_KEYS to operate, or of READ_API_KEYS to look. It is kept for this tab only.",
      ),
    ),
    h("button", { type: "submit", class: "main" }, "Open the dashboard"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key.set(fields(form).key);
    enter();
  });
  main.replaceChildren(form);
  field.focus();
}
