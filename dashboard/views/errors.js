// What keeps texts missing, by cause, each with a sample and the act that fits.

import { button, h, section } from "../scripts/dom.js";
import { count, said } from "../scripts/words.js";

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
          said(cause.outcome),
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
            ? h("strong", {}, `${count(cause.given_up, "product")} given up: not tried again by itself. `)
            : "Tried again by itself. ",
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
          { class: "acts" },
          button("retry_failed", `Retry ${said(cause.outcome)}`, { outcome: cause.outcome }),
        ),
    ),
  );
  const all = operates && items.length > 1 && button("retry_failed", "Retry all that failed");
  return section(
    "errors",
    "Errors by cause",
    items.length
      ? [h("ul", { class: "causes" }, items), all]
      : h("p", { class: "all-well" }, "No text is missing for an error."),
  );
}
