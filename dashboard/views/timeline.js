// Batches on a time axis: the open ones, and all of the latest run.

import { h, section, table } from "../scripts/dom.js";
import { timeLine } from "../scripts/charts.js";
import { namesOf } from "./catalogue.js";
import { badge, duration, running, seconds } from "../scripts/format.js";

const ENDED = ["completed", "failed", "expired", "cancelled"];
const MAX_ROWS = 30;
const TONES = { completed: "good", failed: "bad", expired: "warn", cancelled: "off" };

export function timeline({ overview }) {
  const latest = overview.batches[0]?.run_id;
  const shown = overview.batches
    .filter((batch) => batch.product_count && (batch.run_id === latest || !ENDED.includes(batch.status)))
    .slice(0, MAX_ROWS);
  if (!shown.length)
    return section("timeline", "Batches over time", h("p", { class: "quiet" }, "No batch yet."));
  const from = Math.min(...shown.map((batch) => Date.parse(batch.created_at)));
  const ends = shown.map((batch) => Date.parse(batch.completed_at ?? new Date().toISOString()));
  const to = Math.max(...ends, from + 1000);
  const usual = overview.usual_seconds;
  const names = namesOf(overview);
  const rows = shown.map((batch) => row(batch, names[batch.category] ?? batch.category, from, to, usual));
  const median = usual
    ? `A job usually takes ${duration(usual)} from submission to the end. The mark shows that point.`
    : "";
  return section(
    "timeline",
    "Batches over time",
    h("p", { class: "quiet" }, `Open batches, and all batches of the latest run. ${median}`),
    table("Batches over time", ["Category", "State", "From build to end", "Age · × usual"], rows, "timeline"),
  );
}

function row(batch, name, from, to, usual) {
  const created = Date.parse(batch.created_at);
  const submitted = batch.submitted_at ? Date.parse(batch.submitted_at) : null;
  const end = batch.completed_at ? Date.parse(batch.completed_at) : Date.now();
  const spans = [{ from: created, to: submitted ?? end, tone: "calm" }];
  if (submitted) spans.push({ from: submitted, to: end, tone: TONES[batch.status] ?? "busy" });
  const mark = submitted && usual ? submitted + usual * 1000 : null;
  const age = seconds(batch.created_at, batch.completed_at);
  const isLate = usual && !batch.completed_at && submitted && seconds(batch.submitted_at) > 3 * usual;
  const label = `${name}, ${batch.status}, ${duration(age)}`;
  return h(
    "tr",
    { "data-key": batch.batch_id },
    h("th", { scope: "row" }, name),
    h("td", {}, badge(batch.status)),
    h("td", { class: "line" }, timeLine(spans, from, to, mark, label)),
    h(
      "td",
      { class: isLate ? "late" : "" },
      batch.completed_at ? duration(age) : running(batch.created_at),
      usual && submitted && ` · ${times(seconds(batch.submitted_at, batch.completed_at) / usual)}`,
    ),
  );
}

const times = (ratio) => (ratio < 10 ? `${ratio.toFixed(1)}×` : `${Math.round(ratio)}×`);
