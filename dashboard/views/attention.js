// What needs a person, and what only waits.

import { button, h, section } from "../scripts/dom.js";
import { count, duration, moment } from "../scripts/words.js";

const LABELS = {
  submit: "Submit", process_results: "Process now", cancel: "Cancel", start_run: "Start a run",
  retry_failed: "Retry failed", show_import: "Show the report",
};

export function needs({ overview, operates }) {
  const items = overview.needs.map((need) => h("li", { class: `need ${need.severity}` },
    h("span", { class: "sign" }, need.severity),
    h("div", {},
      h("h3", {}, need.title, need.category && h("span", { class: "quiet" }, ` · ${need.category}`)),
      h("p", {}, need.why),
      need.since && h("p", { class: "quiet" }, moment(need.since))),
    h("div", { class: "acts" }, need.acts.map((act) => offered(act, need, operates)))));
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
  const items = overview.waits.map((wait) => h("li", {},
    h("span", { class: "badge calm" }, KINDS[wait.kind]),
    h("div", {},
      h("p", {}, wait.products ? h("strong", {}, count(wait.products, "product")) : "A run",
        wait.category && ` of ${wait.category}`, ` ${wait.products === 1 || !wait.products ? "waits" : "wait"} for ${wait.on}.`),
      h("p", { class: "quiet" }, until(wait)))));
  const nothing = h("p", { class: "quiet" }, "Nothing waits.");
  return section("waits", "What waits", items.length ? h("ul", { class: "waits" }, items) : nothing);
}

function until(wait) {
  return [
    wait.since && ["Since ", moment(wait.since), ". "],
    wait.until && ["Goes on ", moment(wait.until), "."],
    wait.every_seconds && `Looked at within ${duration(wait.every_seconds)}.`,
    !wait.until && !wait.every_seconds && "Goes on when somebody starts a run.",
  ];
}
