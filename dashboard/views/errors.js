// Why texts are missing, by cause, each with an example and a button to retry.

import { button, h, section } from "../scripts/dom.js";
import { count, readable } from "../scripts/format.js";

export function errors({ overview, operates }) {
  const items = overview.causes.map((cause) =>
    h(
      "li",
      { "data-key": cause.outcome, class: cause.given_up ? "alarm" : "warning" },
      h(
        "div",
        {},
        h(
          "h3",
          {},
          readable(cause.outcome),
          h(
            "span",
            { class: "quiet" },
            ` · ${count(cause.products, "product")} · `,
            Object.entries(cause.locales)
              .map(([part, n]) => `${part} ${n}`)
              .join(", "),
          ),
        ),
        h(
          "p",
          {},
          cause.given_up
            ? h("strong", {}, `${count(cause.given_up, "product")} failed every try. No automatic retry. `)
            : "Retried automatically. ",
          cause.advice,
        ),
        h(
          "blockquote",
          {},
          h("a", { href: `#/products/${encodeURIComponent(cause.sample_id)}` }, cause.sample_id),
          " ",
          cause.sample,
        ),
      ),
      operates &&
        h(
          "div",
          { class: "actions" },
          button("retry_failed", `Retry ${readable(cause.outcome)}`, { outcome: cause.outcome }),
        ),
    ),
  );
  const all = operates && items.length > 1 && button("retry_failed", "Retry all that failed");
  return section(
    "errors",
    "Errors by cause",
    items.length
      ? [h("ul", { class: "causes" }, items), all]
      : h("p", { class: "all-well" }, "No text is missing because of an error."),
  );
}
