// The comparison of prompt versions and variants.

import { h, section, table } from "../scripts/dom.js";
import { compact, count, money, number } from "../scripts/format.js";

export function variants({ report }) {
  if (!report?.prompts.length)
    return section("variants", "Prompts compared", h("p", { class: "quiet" }, "No batch has ended yet."));
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
      h("td", {}, comparison(prompt.compared)),
    ),
  );
  return section(
    "variants",
    "Prompts compared",
    h(
      "p",
      { class: "quiet" },
      `From ${count(report.batches, "ended batch", "ended batches")}. Figures are per product.`,
    ),
    table(
      "Prompts compared",
      ["Prompt", "Products", "Score", "Failed", "Tokens", "Cost", "Compared with the first"],
      rows,
    ),
  );
}

function comparison(compared) {
  if (!compared) return "baseline";
  const sign = compared.score_difference > 0 ? "+" : "";
  const verdict = compared.means_anything ? h("strong", {}, "more than chance") : "may be chance";
  return [`${sign}${compared.score_difference.toFixed(1)} score: `, verdict];
}
