// Text for numbers, money, times, and the states and action names of the API.

import { h } from "./dom.js";

const whole = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const number = (value) => whole.format(value ?? 0);
export const compact = (value) => short.format(value ?? 0);

/** USD with two decimals, or four for amounts below one dollar. */
export function money(value) {
  const digits = value && value < 1 ? 4 : 2;
  return `$${(value ?? 0).toFixed(digits)}`;
}

/** A state or an outcome of the API as text: `in_progress` becomes “in progress”. */
export const readable = (word) => String(word ?? "").replaceAll("_", " ");

/** “1 product”, “3 products”. */
export const count = (value, noun, plural = `${noun}s`) => `${number(value)} ${value === 1 ? noun : plural}`;

/** A duration in words: “45 s”, “3 min 5 s”, “2 h 10 min”, “3 days”. */
export function duration(seconds) {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60 ? `${total % 60} s` : ""}`.trim();
  const hours = Math.floor(total / 3600);
  if (hours < 48) return `${hours} h ${Math.floor((total % 3600) / 60)} min`;
  return `${Math.round(hours / 24)} days`;
}

export const seconds = (from, to = null) => ((to ? new Date(to) : new Date()) - new Date(from)) / 1000;

function relative(at) {
  const passed = seconds(at);
  return passed >= 0 ? `${duration(passed)} ago` : `in ${duration(-passed)}`;
}

/** A time relative to now, which `tick` keeps up to date. The exact time is its title. */
export function moment(at) {
  return at
    ? h("time", { datetime: at, title: clock.format(new Date(at)), "data-relative": true }, relative(at))
    : "–";
}

/** The time since `since`, which `tick` keeps up to date. */
export function running(since) {
  return h("time", { datetime: since, "data-running": true }, duration(seconds(since)));
}

/** Update the relative times on the page. */
export function tick(root) {
  for (const time of root.querySelectorAll("time[data-relative]")) setText(time, relative(time.dateTime));
  for (const time of root.querySelectorAll("time[data-running]"))
    setText(time, duration(seconds(time.dateTime)));
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const TONES = {
  completed: "good",
  stored: "good",
  failed: "bad",
  expired: "warn",
  capped: "warn",
  cancelled: "off",
  processing: "busy",
  in_progress: "busy",
  submitting: "busy",
  ingesting: "busy",
  running: "busy",
  preparing: "busy",
  building: "busy",
};

/** A state as a coloured label. */
export const badge = (state) => h("span", { class: `badge ${TONES[state] ?? "calm"}` }, readable(state));

/** The start of an id's random part. The whole id is its title. */
export const shortId = (id) => h("code", { title: id }, id.split("-").at(-1).slice(0, 8));

// By operation id of the API.
const ACTION_TEXTS = {
  run_pipeline: "started a run",
  create_batches: "built batches",
  create_test_batches: "built test batches",
  submit_created_batch: "submitted a batch",
  process_results: "processed a batch",
  cancel_batch: "cancelled a batch",
  import_products: "imported a file",
  mark_import_seen: "marked an import as seen",
  upload_url: "requested an upload address",
  regenerate: "made products pending again",
  preview_product: "previewed a product",
};

/** The action of an audit entry, in words. */
export const actionText = (operation) => ACTION_TEXTS[operation] ?? readable(operation);
