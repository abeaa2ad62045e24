// What needs a person (the alerts), and what waits.

import { button, h, section } from "../scripts/dom.js";
import { namesOf } from "./catalogue.js";
import { count, duration, moment, running } from "../scripts/format.js";

const LABELS = {
  submit: "Submit",
  process_results: "Process now",
  cancel: "Cancel",
  start_run: "Start a run",
  retry_failed: "Retry failed",
  show_import: "Show the report",
  mark_seen: "Seen",
};

export function needs({ overview, operates }) {
  const names = namesOf(overview);
  const items = overview.needs.map((alert) =>
    h(
      "li",
      { class: `need ${alert.severity}` },
      h("span", { class: "sign" }, alert.severity),
      h(
        "div",
        {},
        h(
          "h3",
          {},
          alert.title,
          alert.category && h("span", { class: "quiet" }, ` · ${names[alert.category] ?? alert.category}`),
        ),
        alert.remedy && h("p", { class: "remedy" }, h("strong", {}, alert.remedy)),
        h("p", {}, alert.why),
        alert.since && h("p", { class: "quiet" }, moment(alert.since)),
      ),
      h(
        "div",
        { class: "actions" },
        alert.acts.map((action) => actionButton(action, alert, operates)),
      ),
    ),
  );
  const nothing = h("p", { class: "all-well" }, "Nothing needs you.");
  return section("needs", "What needs me", items.length ? h("ul", { class: "needs" }, items) : nothing);
}

function actionButton(action, alert, operates) {
  if (!operates && action !== "show_import") return null;
  const data = {
    batch: alert.batch_ids.join(","),
    import: alert.import_id ?? "",
    seen: seenPath(alert),
    category: alert.category ?? "",
  };
  const look = action === "cancel" ? "danger" : action === alert.acts[0] ? "main" : "";
  return button(action, LABELS[action], data, look);
}

/** The record behind an alert that can be marked as seen, as a path of the API. */
function seenPath(alert) {
  if (alert.requeueing_id) return `requeueings/${alert.requeueing_id}`;
  if (alert.export_id) return `exports/${alert.export_id}`;
  return alert.import_id ? `imports/${alert.import_id}` : "";
}

const KINDS = {
  poll: "at Azure",
  quota: "quota",
  access: "no access",
  back_off: "pause",
  cap: "cost cap",
  run: "next run",
};

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
  const nothing = h("p", { class: "quiet" }, "Nothing is waiting.");
  return section("waits", "What waits", items.length ? h("ul", { class: "waits" }, items) : nothing);
}

/** Merge batches that wait for the same thing into one entry. */
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
    wait.since && ["Waiting for ", running(wait.since), ". "],
    wait.until && ["Continues ", moment(wait.until), "."],
    wait.every_seconds ? `Checked again within ${duration(wait.every_seconds)}.` : null,
    !wait.until && !wait.every_seconds && "Continues when someone starts a run.",
  ];
}
