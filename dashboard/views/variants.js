// Versions and variants of the prompt side by side.

import { h, section, table } from "../scripts/dom.js";
import { compact, count, money, number } from "../scripts/words.js";

export function variants({ report }) {
  if (!report?.prompts.length)
    return section("variants", "Prompts side by side", h("p", { class: "quiet" }, "No batch has ended yet."));
  const rows = report.prompts.map((prompt) =>
    h(
      "tr",
      { "data-key": prompt.prompt_version },
      h("th", { scope: "row" }, prompt.prompt_version),
      h("td", {}, number(prompt.products)),
      h(
        "td",
        {},
        prompt.score === null ? "–" : `${prompt.score.toFixed(1)} ± ${prompt.score_deviation.toFixed(1)}`,
      ),
      h("td", {}, `${(prompt.failure_share * 100).toFixed(1)} %`),
      h("td", {}, compact(prompt.prompt_tokens_per_product + prompt.completion_tokens_per_product)),
      h("td", {}, money(prompt.cost_per_product)),
      h("td", {}, against(prompt.compared)),
    ),
  );
  return section(
    "variants",
    "Prompts side by side",
    h(
      "p",
      { class: "quiet" },
      `From ${count(report.batches, "batch that has ended", "batches that have ended")}, by product.`,
    ),
    table(
      "Prompts side by side",
      ["Prompt", "Products", "Score", "Failed", "Tokens", "Cost", "Against the first"],
      rows,
    ),
  );
}

function against(compared) {
  if (!compared) return "the one to compare with";
  const sign = compared.score_difference > 0 ? "+" : "";
  const says = compared.means_anything ? h("strong", {}, "more than chance") : "may be chance";
  return [`${sign}${compared.score_difference.toFixed(1)} score: `, says];
}
