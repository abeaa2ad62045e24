// The scores of the published texts.

import { h, section } from "../scripts/dom.js";
import { columns } from "../scripts/charts.js";
import { number } from "../scripts/format.js";

const WIDTH = 5;

export function scores({ overview }) {
  const bands = new Map();
  for (const category of overview.categories) {
    for (const [band, count] of Object.entries(category.scores))
      bands.set(Number(band), (bands.get(Number(band)) ?? 0) + count);
  }
  if (!bands.size)
    return section("scores", "Scores of the texts", h("p", { class: "quiet" }, "No text has a score yet."));
  const items = [];
  for (let band = Math.min(...bands.keys(), 80); band <= 100; band += WIDTH) {
    const value = bands.get(band) ?? 0;
    const name = band === 100 ? "100" : `${band}–${band + WIDTH - 1}`;
    items.push({ name, value, text: number(value), tone: band >= 80 ? "good" : "warn" });
  }
  return section(
    "scores",
    "Scores of the texts",
    h(
      "p",
      { class: "quiet" },
      "Published texts by score. Rejected texts are requested again and never published.",
    ),
    columns(items, "Texts by score"),
  );
}
