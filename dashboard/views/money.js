// Money and quota: what is spent and reserved, and the caps.

import { h, section } from "../scripts/dom.js";
import { stackedBar } from "../scripts/charts.js";
import { compact, moment, money, number } from "../scripts/format.js";

export function moneyAndQuota({ overview }) {
  const { month, max_month_cost, max_run_cost } = overview.money;
  const latest = overview.runs[0];
  const open = latest
    ? overview.batches.filter((batch) => batch.run_id === latest.run_id && !batch.completed_at)
    : [];
  const reserved = open.reduce((sum, batch) => sum + batch.cost_reserved, 0);
  return section(
    "money",
    "Money and quota",
    h(
      "div",
      { class: "meters" },
      meter(
        "This month",
        month.used.cost ?? 0,
        month.reserved.cost ?? 0,
        max_month_cost,
        money,
        "MAX_MONTH_COST",
      ),
      latest && meter("Latest run", latest.cost, reserved, max_run_cost, money, "MAX_RUN_COST"),
      overview.deployments.map((one) => quota(one, overview.deployments.length > 1)),
    ),
  );
}

/** The quota of one deployment. With several deployments, its name is shown. */
function quota({ name, quota: { reserved }, enqueued_token_limit, file_limit, set_aside_until }, isNamed) {
  const tokens = isNamed ? `Tokens at ${name}` : "Tokens at the deployment";
  const files = isNamed ? `Files at ${name}` : "Files at the resource";
  const setting = (fixed) =>
    name === "default" ? fixed : `${fixed.toLowerCase()} of ${name} in MORE_DEPLOYMENTS`;
  return [
    meter(tokens, 0, reserved.tokens ?? 0, enqueued_token_limit, compact, setting("ENQUEUED_TOKEN_LIMIT")),
    meter(files, 0, reserved.files ?? 0, file_limit, number, setting("FILE_LIMIT")),
    set_aside_until &&
      h(
        "p",
        { class: "warned" },
        `${name} is set aside. It gets new batches again `,
        moment(set_aside_until),
        ".",
      ),
  ];
}

/** A bar of used and reserved amounts below a limit. `setting` is shown as a tooltip. */
function meter(name, used, reserved, limit, format, setting) {
  const isTight = limit && (used + reserved) / limit > 0.9;
  const parts = [
    { size: used, tone: "busy" },
    { size: reserved, tone: isTight ? "warn" : "calm" },
  ];
  const amounts = [used ? `${format(used)} spent` : null, `${format(reserved)} reserved`];
  const text = amounts.filter(Boolean).join(", ");
  const cap = limit ? `of ${format(limit)}` : "no cap";
  return h(
    "div",
    { class: "meter" },
    h("h3", {}, name),
    h("p", {}, h("strong", {}, text), " ", h("span", { class: "quiet", title: setting }, cap)),
    limit ? stackedBar(parts, limit, `${name}: ${text} ${cap}`) : null,
  );
}
