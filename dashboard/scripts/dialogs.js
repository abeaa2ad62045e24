// Dialogs: the browser's own, which keeps the focus inside and closes on Escape.

import { h } from "./dom.js";
import { notice } from "./notices.js";

let last = 0;

/** Open a dialog. `build(dialog)` gives its content; what is closed is removed. */
export function openDialog(title, build) {
  const id = `dialog-${(last += 1)}`;
  const close = h("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  const dialog = h("dialog", { "aria-labelledby": id }, h("header", {}, h("h2", { id }, title), close));
  close.addEventListener("click", () => dialog.close());
  dialog.append(...build(dialog));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask before something that cannot be undone. */
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

/** What a form holds, with the names of its fields; boxes that are ticked are true. */
export function fields(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") values[field.name] = field.checked;
    else if (field.type === "select-multiple")
      values[field.name] = [...field.selectedOptions].map((one) => one.value);
    else values[field.name] = field.value.trim();
  }
  return values;
}

/** Do what a form asks for, once at a time; an error is said beside it. */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const go = form.querySelector("button[type=submit]");
    go.disabled = true;
    try {
      await work(fields(form));
    } catch (error) {
      notice(error.message, "bad");
    } finally {
      go.disabled = false;
    }
  });
}

/** A labelled field. */
export function labelled(text, field, hint = "") {
  return h("label", { class: "field" }, h("span", {}, text), field, hint && h("small", {}, hint));
}
