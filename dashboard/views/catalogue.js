// The catalogue by category: a grid by language, and bars by state.

import { h, section, table } from "../scripts/dom.js";
import { stackedBar } from "../scripts/charts.js";
import { number, readable } from "../scripts/format.js";

export const STATES = [
  ["completed", "good"],
  ["processing", "busy"],
  ["pending", "calm"],
  ["failed", "bad"],
];

const total = (category) => Object.values(category.by_status).reduce((sum, count) => sum + count, 0);
/** The names of categories by slug. */
export const namesOf = (overview) =>
  Object.fromEntries(overview.categories.map((one) => [one.category, one.name]));

const filled = ({ overview }) => overview.categories.filter((category) => total(category));

export function languages(state) {
  const { overview } = state;
  const categories = filled(state);
  if (!categories.length) return section("languages", "Products by language", empty());
  const all = categories.reduce((sum, category) => sum + total(category), 0);
  const stored = (locale) => categories.reduce((sum, category) => sum + (category.stored[locale] ?? 0), 0);
  const sums = h(
    "tr",
    { class: "sum", "data-key": "all" },
    h("th", { scope: "row" }, "All"),
    overview.locales.map((locale) => cell(stored(locale), all)),
    h("td", {}, number(all)),
  );
  const rows = categories.map((category) =>
    h(
      "tr",
      { "data-key": category.category },
      h("th", { scope: "row" }, link(category)),
      overview.locales.map((locale) => cell(category.stored[locale] ?? 0, total(category))),
      h("td", {}, number(total(category))),
    ),
  );
  return section(
    "languages",
    "Products by language",
    h("p", { class: "quiet" }, "Products with an up-to-date text in each language."),
    table("Products by language", ["Category", ...overview.locales, "Products"], [sums, ...rows], "grid"),
  );
}

function cell(stored, whole) {
  const share = whole ? stored / whole : 0;
  const step = share === 1 ? 4 : share >= 0.75 ? 3 : share >= 0.4 ? 2 : share > 0 ? 1 : 0;
  return h(
    "td",
    { class: `heat-${step}`, title: `${number(stored)} of ${number(whole)}` },
    share === 1 ? "✓ all" : number(stored),
  );
}

export function catalogue(state) {
  const categories = filled(state);
  if (!categories.length) return section("catalogue", "Catalogue by state", empty());
  const sums = { name: "All", by_status: {}, category: "" };
  for (const category of categories) {
    for (const [status] of STATES)
      sums.by_status[status] = (sums.by_status[status] ?? 0) + (category.by_status[status] ?? 0);
  }
  return section(
    "catalogue",
    "Catalogue by state",
    h(
      "ul",
      { class: "legend" },
      STATES.map(([status, tone]) => h("li", { class: `key-${tone}` }, readable(status))),
    ),
    table(
      "Catalogue by state",
      ["Category", "~Shares", ...STATES.map(([status]) => status)],
      [sums, ...categories].map(bars),
      "bars",
    ),
  );
}

function bars(category) {
  const parts = STATES.map(([status, tone]) => ({ size: category.by_status[status] ?? 0, tone }));
  const words = STATES.map(([status]) => `${category.by_status[status] ?? 0} ${status}`).join(", ");
  return h(
    "tr",
    { "data-key": category.category || "all", class: category.category ? "" : "sum" },
    h("th", { scope: "row" }, category.category ? link(category) : "All"),
    h("td", { class: "line" }, stackedBar(parts, total(category), `${category.name}: ${words}`)),
    STATES.map(([status]) => h("td", {}, number(category.by_status[status] ?? 0))),
  );
}

function link(category) {
  return h("a", { href: `#/products?category=${encodeURIComponent(category.category)}` }, category.name);
}

const empty = () => h("p", { class: "quiet" }, "The catalogue is empty. Import a file to begin.");
