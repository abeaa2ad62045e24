// Store links for a shopper of a country.

import { h, section } from "../scripts/dom.js";

const COUNTRIES = ["AT", "CH", "DE", "ES", "FR", "GB", "IT", "NL", "PL", "PT", "SE", "US"];

export function links({ links: found, region }) {
  const options = ["", ...COUNTRIES].map((country) =>
    h("option", { value: country, selected: country === region }, country || "any country"),
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
        ? h("span", { class: "badge busy" }, "affiliate link: disclose it")
        : h("span", { class: "badge" }, "no affiliate link"),
    ),
  );
  return section(
    "links",
    "Store links",
    h(
      "label",
      { class: "field inline" },
      h("span", {}, "Country"),
      h("select", { "data-choice": "region", "aria-label": "Country" }, options),
    ),
    items.length
      ? h("ul", { class: "links" }, items)
      : h("p", { class: "quiet" }, found ? "No store link for this country." : "Loading …"),
  );
}

/** Allow only web addresses: a catalogue could contain a script address. */
const safe = (url) => (/^https?:\/\//i.test(url) ? url : null);
