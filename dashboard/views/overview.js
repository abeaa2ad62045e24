// The overview. Its sections are in the order in which a person on call needs them.

import { h, morph } from "../scripts/dom.js";
import { watch } from "../scripts/live.js";
import { activity } from "./activity.js";
import { catalogue, languages } from "./catalogue.js";
import { errors } from "./errors.js";
import { moneyAndQuota } from "./money.js";
import { needs, waits } from "./attention.js";
import { runs } from "./runs.js";
import { scores } from "./scores.js";
import { timeline } from "./timeline.js";
import { timers } from "./timers.js";
import { trends } from "./trends.js";
import { variants } from "./variants.js";

const OVERVIEW_MS = 1200;
const REPORTS_MS = 30_000;

/** The ids of the ended batches. When they change, the reports have changed too. */
const ended = (overview) =>
  overview?.batches
    .filter((batch) => batch.completed_at)
    .map((batch) => batch.batch_id)
    .join();

export function openOverview(main, caller) {
  const state = { overview: null, trends: null, report: null, operates: caller.scope === "operate" };
  document.title = "Overview – Instrument content";
  main.replaceChildren(h("p", { class: "quiet" }, "Loading …"));

  function show() {
    if (!state.overview) return;
    const next = main.cloneNode(false);
    next.append(
      h("h1", { class: "visually-hidden" }, "Overview"),
      h(
        "div",
        { class: "overview" },
        needs(state),
        waits(state),
        timeline(state),
        languages(state),
        moneyAndQuota(state),
        errors(state),
        activity(state),
        catalogue(state),
        runs(state),
        scores(state),
        trends(state),
        variants(state),
        timers(state),
      ),
    );
    morph(main, next);
  }

  const watched = [];
  watched.push(
    watch("dashboard/overview", OVERVIEW_MS, (found) => {
      const before = ended(state.overview);
      state.overview = found;
      if (before !== ended(found)) watched.slice(1).forEach((one) => one.now());
      const alarms = found.needs.filter((alert) => alert.severity === "alarm").length;
      document.title = `${alarms ? `(${alarms}) ` : ""}Overview – Instrument content`;
      show();
    }),
    watch("dashboard/trends", REPORTS_MS, (found) => {
      state.trends = found;
      show();
    }),
    watch("prompts/report", REPORTS_MS, (found) => {
      state.report = found;
      show();
    }),
  );
  return () => watched.forEach((one) => one.stop());
}
