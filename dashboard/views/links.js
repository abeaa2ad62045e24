// Store links as a shopper of a country gets them.

import { h, section } from "../scripts/dom.js";

const COUNTRIES = ["AT", "CH", "DE", "ES", "FR", "GB", "IT", "NL", "PL", "PT", "SE", "US"];

export function links({ links: found, region }) {
  const options = ["", ...COUNTRIES].map((country) =>
    h("option", { value: country, selected: country === region }, country || "any"),
  );
  const items = (found ?? []).map((link) =>
    h(
      "li",
      { "data-key": link.store },
      h("strong", {}, link.store),
      " ",
      h(
        "a",
        { href: safe(link.url), rel: "noopener noreferrer nofollow sponsored", target: "_blank" },
        link.url,
      ),
      " ",
      link.is_affiliate
        ? h("span", { class: "badge busy" }, "affiliate: disclose it")
        : h("span", { class: "badge" }, "plain"),
    ),
  );
  return section(
    "links",
    "Links as a shopper gets them",
    h(
      "label",
      { class: "field inline" },
      h("span", {}, "Country"),
      h("select", { "data-choice": "region", "aria-label": "Country" }, options),
    ),
    items.length
      ? h("ul", { class: "links" }, items)
      : h("p", { class: "quiet" }, found ? "No store link for this country." : "Reading …"),
  );
}

/** Only what a browser may open: the catalogue is not ours. */
const safe = (url) => (/^https?:\/\//i.test(url) ? url : null);
