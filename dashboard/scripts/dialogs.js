// Dialogs and forms. The browser's own dialog element keeps the focus inside and closes on Escape.

import { h } from "./dom.js";
import { notice } from "./notices.js";

let lastId = 0;

/** Open a dialog. `build(dialog)` returns its content. A closed dialog is removed from the page. */
export function openDialog(title, build) {
  const id = `dialog-${(lastId += 1)}`;
  const close = h("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  const dialog = h("dialog", { "aria-labelledby": id }, h("header", {}, h("h2", { id }, title), close));
  close.addEventListener("click", () => dialog.close());
  dialog.append(...build(dialog));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask before an action that cannot be undone. Resolves to true or false. */
export function confirmed(title, why, label, tone = "") {
  return new Promise((resolve) => {
    const dialog = openDialog(title, () => {
      const yes = h("button", { type: "button", class: tone || "main" }, label);
      yes.addEventListener("click", () => {
        resolve(true);
        dialog.close();
      });
      return [h("p", {}, why), h("footer", {}, yes)];
    });
    dialog.addEventListener("close", () => resolve(false));
  });
}

/** Return the values of a form by field name. Check boxes are booleans, multiple selects are arrays. */
export function fields(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") values[field.name] = field.checked;
    else if (field.type === "select-multiple")
      values[field.name] = [...field.selectedOptions].map((option) => option.value);
    else values[field.name] = field.value.trim();
  }
  return values;
}

/** Call `work(values)` on submit, never twice at once. Errors are shown as a notice. */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const submit = form.querySelector("button[type=submit]");
    submit.disabled = true;
    try {
      await work(fields(form));
    } catch (error) {
      notice(error.message, "bad");
    } finally {
      submit.disabled = false;
    }
  });
}

/** A labelled field. */
export function labelled(text, field, hint = "") {
  return h("label", { class: "field" }, h("span", {}, text), field, hint && h("small", {}, hint));
}
