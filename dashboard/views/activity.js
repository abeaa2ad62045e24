// Who did what.

import { h, section } from "../scripts/dom.js";
import { deed, moment } from "../scripts/words.js";

export function activity({ overview }) {
  const items = overview.activity.map((one) =>
    h(
      "li",
      { "data-key": `${one.at}${one.who}` },
      h("span", { class: "quiet" }, moment(one.at)),
      h("span", {}, h("strong", {}, one.who), ` ${deed(one.did)} `, one.what && h("code", {}, one.what)),
    ),
  );
  return section(
    "activity",
    "Who did what",
    items.length
      ? h("ol", { class: "activity scroll", tabindex: "0", "aria-label": "Who did what" }, items)
      : h("p", { class: "quiet" }, "Nobody has done anything yet."),
  );
}
