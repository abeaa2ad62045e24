// Tokens and cost by day.

import { h, section } from "../scripts/dom.js";
import { columns } from "../scripts/charts.js";
import { compact, money } from "../scripts/format.js";

const SHOWN_DAYS = 14;

export function trends({ trends: found }) {
  const days = found?.days.slice(-SHOWN_DAYS) ?? [];
  if (!days.length)
    return section("trends", "Tokens and cost by day", h("p", { class: "quiet" }, "No batch has ended yet."));
  const name = (day) => day.day.slice(5);
  const tokens = days.map((day) => {
    const value = day.prompt_tokens + day.completion_tokens;
    return { name: name(day), value, text: compact(value) };
  });
  const cost = days.map((day) => ({ name: name(day), value: day.cost, text: money(day.cost), tone: "good" }));
  return section(
    "trends",
    "Tokens and cost by day",
    h(
      "div",
      { class: "pair" },
      h("figure", {}, h("figcaption", {}, "Tokens"), columns(tokens, "Tokens by day")),
      h("figure", {}, h("figcaption", {}, "Cost (USD)"), columns(cost, "Cost by day in USD")),
    ),
  );
}
