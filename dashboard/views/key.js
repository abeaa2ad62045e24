// Asks for the API key, once per tab.

import { fields } from "../scripts/dialogs.js";
import { h } from "../scripts/dom.js";
import { key } from "../scripts/api.js";

export function askForKey(main, message, enter) {
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
    message && h("p", { class: "problem", role: "alert" }, message),
    h(
      "label",
      { class: "field" },
      h("span", {}, "API key"),
      field,
      h(
        "small",
        {},
        "A key to operate, or a key to read only. It is kept in this tab and forgotten when you close it.",
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
