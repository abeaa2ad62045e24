// The tries of a product's texts and facts: failed ones, and the latest stored one of each part.

import { h, section, table } from "../scripts/dom.js";
import { badge, moment, number, shortId } from "../scripts/format.js";

export function tries({ tries: all }) {
  if (!all?.length)
    return section("tries", "Tries", h("p", { class: "quiet" }, all ? "No try yet." : "Loading …"));
  const rows = all.map((one) =>
    h(
      "tr",
      { "data-key": `${one.part}-${one.batch_id}` },
      h("td", {}, moment(one.at)),
      h("th", { scope: "row" }, one.part),
      h("td", {}, badge(one.outcome)),
      h("td", {}, number(one.attempt)),
      h("td", {}, one.score === null ? "–" : number(one.score)),
      h("td", { class: "why" }, one.reason),
      h("td", {}, one.prompt_version),
      h("td", {}, shortId(one.batch_id)),
    ),
  );
  return section(
    "tries",
    "Tries",
    table("Tries", ["When", "Part", "Outcome", "Attempt", "Score", "Reason", "Prompt", "Batch"], rows),
  );
}
