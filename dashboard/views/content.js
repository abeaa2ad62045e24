// A content document of any shape: headings from keys, lists, pairs; with findings marked or changes shown.

import { difference } from "../scripts/diff.js";
import { h } from "../scripts/dom.js";

const PAIRS = [
  ["question", "answer"],
  ["title", "description"],
  ["user_type", "reason"],
];

const SPELT = { qa: "Questions and answers", seo: "SEO", sku: "SKU", msrp: "MSRP", url: "URL", uri: "URI" };

/** A key as a heading: `seo_title` is “SEO title”. */
export const heading = (key) => {
  const [first, ...others] = key.split("_");
  const begin = SPELT[first] ?? first.charAt(0).toUpperCase() + first.slice(1);
  return [begin, ...others].join(" ");
};

/**
 * Nodes of a value. `findings` are marked in the fields they name; with `before`, the value at the same place
 * of another document, the text shows what is gone and what is new.
 */
export function content(value, { findings = [], before, path = "", level = 4 } = {}) {
  if (value === null || value === undefined || value === "") return [h("p", { class: "quiet" }, "–")];
  if (typeof value !== "object") return [h("p", {}, text(String(value), findings, before, path))];
  const inner = (key, deeper = level) => ({
    findings,
    before: before?.[key],
    path: path ? `${path}.${key}` : key,
    level: deeper,
  });
  const pair = PAIRS.find(([name, says]) => name in value && says in value);
  if (pair) return pairOf(value, pair, (key) => inner(key));
  if (Array.isArray(value))
    return [
      h(
        "ul",
        { class: "items" },
        value.map((item, place) => h("li", {}, content(item, inner(String(place))))),
      ),
    ];
  if (Object.values(value).every((one) => typeof one === "number")) {
    return [
      h(
        "dl",
        { class: "inline-facts" },
        Object.entries(value).map(([key, one]) =>
          h("div", {}, h("dt", {}, heading(key)), h("dd", {}, String(one))),
        ),
      ),
    ];
  }
  return Object.entries(value).map(([key, part]) =>
    h(
      "div",
      { class: `part level-${level}` },
      h(`h${Math.min(level, 6)}`, {}, heading(key)),
      content(part, inner(key, level + 1)),
    ),
  );
}

function pairOf(value, [name, says], inner) {
  const others = Object.fromEntries(Object.entries(value).filter(([key]) => key !== name && key !== says));
  return [
    h("p", { class: "first" }, text(value[name], ...places(inner(name)))),
    h("p", {}, text(value[says], ...places(inner(says)))),
    ...(Object.keys(others).length
      ? content(others, { ...inner(""), path: inner("").path.replace(/\.$/, "") })
      : []),
  ];
}

const places = ({ findings, before, path }) => [findings, before, path];

function text(said, findings, before, path) {
  if (before !== undefined) return changes(String(before ?? ""), said);
  return marked(
    said,
    findings.filter((finding) => finding.field === path && finding.end > finding.start),
  );
}

function changes(before, after) {
  return difference(before, after).map(({ text: words, kind }) =>
    kind === "gone" ? h("del", {}, words) : kind === "new" ? h("ins", {}, words) : words,
  );
}

/** The text with the words of findings marked. Offsets count characters, not UTF-16 units. */
function marked(said, findings) {
  const characters = [...said];
  const nodes = [];
  let at = 0;
  for (const finding of [...findings].sort((one, other) => one.start - other.start)) {
    if (finding.start < at) continue;
    nodes.push(characters.slice(at, finding.start).join(""));
    const words = characters.slice(finding.start, finding.end).join("");
    nodes.push(h("mark", { class: finding.severity, title: `${finding.rule}: ${finding.advice}` }, words));
    at = finding.end;
  }
  nodes.push(characters.slice(at).join(""));
  return nodes;
}
