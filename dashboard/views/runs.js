// Runs, their batches, and their progress.

import { namesOf } from "./catalogue.js";
import { button, h, section, table } from "../scripts/dom.js";
import {
  badge,
  compact,
  count,
  duration,
  moment,
  money,
  number,
  seconds,
  shortId,
} from "../scripts/format.js";

const ENDED = ["completed", "capped", "failed"];
const CANCELLABLE = ["created", "submitting", "in_progress"];
const AT_AZURE = ["submitting", "in_progress"];

export function runs(state) {
  const { overview } = state;
  const items = overview.runs.map((run, place) => runDetails(run, place, state));
  return section(
    "runs",
    "Runs and batches",
    items.length ? items : h("p", { class: "quiet" }, "No run yet. Start one, or wait for the nightly run."),
  );
}

function runDetails(run, place, state) {
  const batches = state.overview.batches.filter(
    (batch) => batch.run_id === run.run_id && batch.product_count,
  );
  const isOpen = !ENDED.includes(run.status);
  // A run's own figures are updated only now and then, so an open run shows the sums of its batches.
  const figures = isOpen && batches.length ? sums(batches) : run;
  const names = namesOf(state.overview);
  const remaining = timeLeft(batches);
  const what = run.categories.length
    ? run.categories.map((slug) => names[slug] ?? slug).join(", ")
    : "all categories";
  return h(
    "details",
    { class: "run", "data-key": run.run_id, open: isOpen || place === 0 },
    h(
      "summary",
      {},
      h(
        "span",
        { class: "line-up" },
        badge(run.status),
        h("strong", {}, what),
        h("span", { class: "quiet" }, run.trigger, " ", moment(run.created_at)),
      ),
      progress(figures.requests_done, figures.request_count, `Run ${run.run_id}`),
      h(
        "span",
        { class: "figures" },
        h("span", {}, `${number(figures.requests_done)} of ${count(figures.request_count, "request")}`),
        h("span", {}, `${compact(figures.prompt_tokens + figures.completion_tokens)} tokens`),
        h("span", {}, money(figures.cost)),
        h("span", {}, remaining && `${remaining} left`),
      ),
    ),
    run.error_message && h("p", { class: "problem" }, run.error_message),
    run.capped && h("p", { class: "warned" }, run.capped, ". The rest waits for the next run."),
    run.stragglers && h("p", { class: "quiet" }, lastRequests(run.stragglers)),
    batches.length
      ? table(
          `Batches of run ${run.run_id}`,
          [
            "Category",
            "State",
            "Requests",
            "Stored",
            "Failed",
            "Tokens",
            "Cost",
            "Time left",
            "Batch",
            "~Actions",
          ],
          batches.map((batch) => row(batch, state, names)),
        )
      : h(
          "p",
          { class: "quiet" },
          isOpen
            ? "Its batches are being built."
            : "It has no recent batches. GET /api/v1/runs/{run_id} has all of them.",
        ),
  );
}

function lastRequests({ requests, online, reason }) {
  const what = online ? "sent as online calls" : "left to the next run";
  return `${count(requests, "request")} that failed or never ran: ${what}, because ${reason}.`;
}

function sums(batches) {
  const sum = (name) => batches.reduce((total, batch) => total + batch[name], 0);
  return Object.fromEntries(
    ["requests_done", "request_count", "prompt_tokens", "completion_tokens", "cost"].map((name) => [
      name,
      sum(name),
    ]),
  );
}

function row(batch, { operates, overview }, names) {
  const outcomes = batch.counts.by_outcome;
  const stored = outcomes.stored ?? 0;
  const all = Object.values(outcomes).reduce((total, number_) => total + number_, 0);
  const data = { batch: batch.batch_id };
  return h(
    "tr",
    { "data-key": batch.batch_id },
    h(
      "th",
      { scope: "row" },
      names[batch.category] ?? batch.category,
      overview.deployments.length > 1 && h("p", { class: "quiet why" }, `at ${batch.deployment}`),
    ),
    h(
      "td",
      {},
      badge(batch.status),
      batch.error_message && h("p", { class: "quiet why" }, batch.error_message),
    ),
    h(
      "td",
      {},
      progress(batch.requests_done, batch.request_count, `Batch ${batch.batch_id}`),
      h("small", {}, `${number(batch.requests_done)} / ${number(batch.request_count)}`),
    ),
    h("td", {}, all ? number(stored) : "–"),
    h("td", { class: all - stored ? "late" : "" }, all ? number(all - stored) : "–"),
    h("td", {}, compact(batch.prompt_tokens + batch.completion_tokens)),
    h("td", {}, money(batch.cost)),
    h("td", {}, timeLeft([batch])),
    h("td", {}, shortId(batch.batch_id)),
    h(
      "td",
      {},
      operates &&
        h(
          "span",
          { class: "actions" },
          batch.status === "created" && button("submit", "Submit", data),
          AT_AZURE.includes(batch.status) && button("process_results", "Process now", data),
          CANCELLABLE.includes(batch.status) &&
            (batch.cancel_requested_at
              ? h("span", { class: "quiet" }, "being cancelled")
              : button("cancel", "Cancel", data, "danger")),
        ),
    ),
  );
}

function progress(done, all, name) {
  return h("progress", {
    max: Math.max(1, all),
    value: done,
    class: done >= all ? "whole" : "",
    "aria-label": `${name}: ${done} of ${all} requests`,
  });
}

/** The time left of the slowest batch, estimated from its speed so far. */
function timeLeft(batches) {
  const known = batches
    .filter((batch) => batch.status === "in_progress" && batch.requests_done && batch.submitted_at)
    .map(
      (batch) =>
        (seconds(batch.submitted_at) / batch.requests_done) * (batch.request_count - batch.requests_done),
    );
  return known.length ? `about ${duration(Math.max(...known))}` : "";
}
