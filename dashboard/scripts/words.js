// How things are said: numbers, money, times, and the API's own words.

import { h } from "./dom.js";

const whole = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const number = (value) => whole.format(value ?? 0);
export const compact = (value) => short.format(value ?? 0);

/** USD; small amounts keep digits that say something. */
export function money(value) {
  const digits = value && value < 1 ? 4 : 2;
  return `$${(value ?? 0).toFixed(digits)}`;
}

/** A state or an outcome of the API, for reading: `in_progress` is “in progress”. */
export const said = (word) => String(word ?? "").replaceAll("_", " ");

/** “1 product”, “3 products”. */
export const count = (value, noun, plural = `${noun}s`) => `${number(value)} ${value === 1 ? noun : plural}`;

/** Seconds as a person says them. */
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

/** A moment, said as a distance from now and kept up to date; the exact time is its title. */
export function moment(at) {
  return at
    ? h("time", { datetime: at, title: clock.format(new Date(at)), "data-relative": true }, relative(at))
    : "–";
}

/** A running time that goes on. */
export function running(since) {
  return h("time", { datetime: since, "data-running": true }, duration(seconds(since)));
}

/** Bring the moments on the page up to date. */
export function tick(root) {
  for (const time of root.querySelectorAll("time[data-relative]")) say(time, relative(time.dateTime));
  for (const time of root.querySelectorAll("time[data-running]")) say(time, duration(seconds(time.dateTime)));
}

function say(element, text) {
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

/** A state as a label with its tone. */
export const badge = (state) => h("span", { class: `badge ${TONES[state] ?? "calm"}` }, said(state));

/** An id, short enough to read; the whole one is its title. */
export const shortId = (id) => h("code", { title: id }, id.split("-").at(-1).slice(0, 8));

const DEEDS = {
  run_pipeline: "started a run",
  create_batches: "had batches built",
  create_test_batches: "had test batches built",
  submit_created_batch: "submitted a batch",
  process_results: "had a batch processed",
  cancel_batch: "cancelled a batch",
  import_products: "imported a file",
  upload_url: "asked for an upload address",
  regenerate: "made products wait again",
  preview_product: "previewed a product",
  start_export: "started an export",
};

export const deed = (did) => DEEDS[did] ?? said(did);
