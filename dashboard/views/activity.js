// Who did what: the newest entries of the audit log.

import { h, section } from "../scripts/dom.js";
import { actionText, moment } from "../scripts/format.js";

export function activity({ overview }) {
  const items = overview.activity.map((entry) =>
    h(
      "li",
      { "data-key": `${entry.at}${entry.who}` },
      h("span", { class: "quiet" }, moment(entry.at)),
      h(
        "span",
        {},
        h("strong", {}, entry.who),
        ` ${actionText(entry.did)} `,
        entry.what && h("code", {}, entry.what),
      ),
    ),
  );
  return section(
    "activity",
    "Who did what",
    items.length
      ? h("ol", { class: "activity scroll", tabindex: "0", "aria-label": "Who did what" }, items)
      : h("p", { class: "quiet" }, "No actions yet."),
  );
}
