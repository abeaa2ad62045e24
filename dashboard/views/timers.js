// The timers: when each ran last, with what result, and when it runs next.

import { h, section, table } from "../scripts/dom.js";
import { moment } from "../scripts/format.js";

const NAMES = { nightly: "Nightly run", reconcile: "Reconciler", cleanup: "Clean-up" };

export function timers({ overview }) {
  const rows = overview.timers.map((timer) =>
    h(
      "tr",
      { "data-key": timer.name },
      h("th", { scope: "row" }, NAMES[timer.name] ?? timer.name),
      h("td", {}, timer.last_at ? moment(timer.last_at) : "not yet"),
      h("td", {}, timer.said),
      h("td", {}, timer.next_at ? moment(timer.next_at) : "off"),
    ),
  );
  return section("timers", "Timers", table("Timers", ["Timer", "Last run", "Result", "Next run"], rows));
}
