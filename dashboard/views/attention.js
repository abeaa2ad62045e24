// What needs a person, and what only waits.

import { button, h, section } from "../scripts/dom.js";
import { namesOf } from "./catalogue.js";
import { count, duration, moment } from "../scripts/words.js";

const LABELS = {
  submit: "Submit",
  process_results: "Process now",
  cancel: "Cancel",
  start_run: "Start a run",
  retry_failed: "Retry failed",
  show_import: "Show the report",
};

export function needs({ overview, operates }) {
  const names = namesOf(overview);
  const items = overview.needs.map((need) =>
    h(
      "li",
      { class: `need ${need.severity}` },
      h("span", { class: "sign" }, need.severity),
      h(
        "div",
        {},
        h(
          "h3",
          {},
          need.title,
          need.category && h("span", { class: "quiet" }, ` · ${names[need.category] ?? need.category}`),
        ),
        h("p", {}, need.why),
        need.since && h("p", { class: "quiet" }, moment(need.since)),
      ),
      h(
        "div",
        { class: "acts" },
        need.acts.map((act) => offered(act, need, operates)),
      ),
    ),
  );
  const nothing = h("p", { class: "all-well" }, "Nothing needs you.");
  return section("needs", "What needs me", items.length ? h("ul", { class: "needs" }, items) : nothing);
}

function offered(act, need, operates) {
  if (!operates && act !== "show_import") return null;
  const facts = { batch: need.batch_id ?? "", import: need.import_id ?? "", category: need.category ?? "" };
  return button(act, LABELS[act], facts, act === "cancel" ? "danger" : act === need.acts[0] ? "main" : "");
}

const KINDS = { poll: "poll", quota: "quota", back_off: "back-off", cap: "cap", run: "next run" };

export function waits({ overview }) {
  const names = namesOf(overview);
  const items = grouped(overview.waits).map((wait) =>
    h(
      "li",
      { "data-key": `${wait.kind} ${wait.on}` },
      h("span", { class: "badge calm" }, KINDS[wait.kind]),
      h(
        "div",
        {},
        h("p", {}, subject(wait, names), ` for ${wait.on}.`),
        h("p", { class: "quiet" }, until(wait)),
      ),
    ),
  );
  const nothing = h("p", { class: "quiet" }, "Nothing waits.");
  return section("waits", "What waits", items.length ? h("ul", { class: "waits" }, items) : nothing);
}

/** Batches that wait for the same are one line. */
function grouped(all) {
  const groups = new Map();
  for (const wait of all) {
    const name = `${wait.kind} ${wait.on}`;
    const group = groups.get(name) ?? { ...wait, products: 0, categories: [] };
    group.products += wait.products;
    if (wait.category) group.categories.push(wait.category);
    group.since = [group.since, wait.since].filter(Boolean).sort()[0];
    group.every_seconds = Math.max(group.every_seconds ?? 0, wait.every_seconds ?? 0);
    groups.set(name, group);
  }
  return [...groups.values()];
}

function subject({ products, categories }, names) {
  if (categories.length > 1)
    return [
      h("strong", {}, count(categories.length, "batch", "batches")),
      ` of ${count(products, "product")} wait`,
    ];
  if (categories.length)
    return [
      h("strong", {}, `The batch of ${names[categories[0]] ?? categories[0]}`),
      ` (${count(products, "product")}) waits`,
    ];
  if (products) return [h("strong", {}, count(products, "product")), products === 1 ? " waits" : " wait"];
  return [h("strong", {}, "A run"), " waits"];
}

function until(wait) {
  return [
    wait.since && ["Since ", moment(wait.since), ". "],
    wait.until && ["Goes on ", moment(wait.until), "."],
    wait.every_seconds ? `Looked at again within ${duration(wait.every_seconds)}.` : null,
    !wait.until && !wait.every_seconds && "Goes on when somebody starts a run.",
  ];
}
