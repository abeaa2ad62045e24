// Texts of a product, two beside each other: of two locales, or what is published and a rejected try.

import { h, section } from "../scripts/dom.js";
import { moment, said } from "../scripts/words.js";
import { content } from "./content.js";

export function texts(state) {
  const all = versions(state);
  if (!all.length) {
    return section(
      "texts",
      "Texts",
      h("p", { class: "quiet" }, state.quality ? "Nothing has been written yet." : "Reading …"),
    );
  }
  const left = all.find((one) => one.id === state.left) ?? all[0];
  const right = all.find((one) => one.id === state.right);
  const compared = state.changes && right;
  return section(
    "texts",
    "Texts",
    h(
      "div",
      { class: "choosers" },
      h(
        "div",
        { class: "chooser" },
        chooser("left", "Text", all, left.id),
        chooser("right", "Beside it", [{ id: "", name: "nothing" }, ...all], right?.id ?? ""),
        right &&
          h(
            "label",
            { class: "tick" },
            h("input", { type: "checkbox", "data-choice": "changes", checked: state.changes }),
            "Show what differs",
          ),
      ),
    ),
    h(
      "div",
      { class: right ? "beside two" : "beside" },
      column(left),
      right && column(right, compared ? left.text.content : undefined),
    ),
  );
}

function versions({ quality, product }) {
  if (!quality) return [];
  return Object.entries(quality.locales)
    .flatMap(([locale, { published, rejected }]) => [
      published && {
        id: locale,
        name: `${locale}, published`,
        locale,
        text: withFacts(published, locale, product),
      },
      rejected && { id: `${locale}~rejected`, name: `${locale}, rejected try`, locale, text: rejected },
    ])
    .filter(Boolean);
}

/** What is served has the product's facts in its places; checks look at the texts alone. */
function withFacts(published, locale, product) {
  const served = product.content.ai_generated_content[locale];
  return served ? { ...published, content: { ...served, ...(published.content.qa ? { qa: published.content.qa } : {}) } } : published;
}

function chooser(choice, label, all, chosen) {
  const options = all.map(({ id, name }) => h("option", { value: id, selected: id === chosen }, name));
  return h(
    "label",
    { class: "field" },
    h("span", {}, label),
    h("select", { "data-choice": choice, "aria-label": label }, options),
  );
}

function column({ id, name, locale, text }, before) {
  const findings = [...text.findings].sort((one, other) => one.severity.localeCompare(other.severity));
  return h(
    "article",
    { "data-key": id },
    h(
      "header",
      {},
      h("h3", {}, name, " ", h("span", { class: `badge ${tone(text)}` }, `score ${text.score}`)),
      h("p", { class: "quiet" }, `prompt ${text.prompt_version}, `, moment(text.at)),
    ),
    findings.length > 0 &&
      h(
        "details",
        { "data-key": `${id}-why`, open: findings.some((one) => one.severity === "error") },
        h("summary", {}, `${findings.length} ${findings.length === 1 ? "reason" : "reasons"} against it`),
        h("ul", { class: "findings" }, findings.map(reason)),
      ),
    h("div", { class: "text", lang: locale }, content(text.content, { findings, before })),
  );
}

const tone = ({ score, findings }) =>
  findings.some((one) => one.severity === "error") ? "bad" : score >= 80 ? "good" : "warn";

function reason(finding) {
  return h(
    "li",
    {},
    h("span", { class: `badge ${finding.severity === "error" ? "bad" : "warn"}` }, finding.severity),
    " ",
    h("strong", {}, said(finding.rule)),
    finding.field && [" in ", h("code", {}, finding.field)],
    finding.words && [": ", h("q", {}, finding.words)],
    h("br", {}),
    finding.advice,
  );
}
