// Shows a content document of any shape, with headings made from its keys. Marks findings or shows changes.

import { difference } from "../scripts/diff.js";
import { h } from "../scripts/dom.js";

const PAIRS = [
  ["question", "answer"],
  ["title", "description"],
  ["user_type", "reason"],
];

// First words of keys that are not simply capitalised.
const SPELLINGS = {
  qa: "Questions and answers",
  seo: "SEO",
  sku: "SKU",
  msrp: "MSRP",
  url: "URL",
  uri: "URI",
};

/** A key as a heading: `seo_title` becomes “SEO title”. */
export const heading = (key) => {
  const [first, ...others] = key.split("_");
  const start = SPELLINGS[first] ?? first.charAt(0).toUpperCase() + first.slice(1);
  return [start, ...others].join(" ");
};

/**
 * Return the nodes of a value. Findings are marked in the field that they name. `before` is the value at the
 * same place of another document: with it, deleted and added words are shown instead.
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
  const pair = PAIRS.find(([title, text]) => title in value && text in value);
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

function pairOf(value, [title, body], inner) {
  const others = Object.fromEntries(Object.entries(value).filter(([key]) => key !== title && key !== body));
  return [
    h("p", { class: "first" }, text(value[title], ...places(inner(title)))),
    h("p", {}, text(value[body], ...places(inner(body)))),
    ...(Object.keys(others).length
      ? content(others, { ...inner(""), path: inner("").path.replace(/\.$/, "") })
      : []),
  ];
}

const places = ({ findings, before, path }) => [findings, before, path];

function text(value, findings, before, path) {
  if (before !== undefined) return changes(String(before ?? ""), value);
  return marked(
    value,
    findings.filter((finding) => finding.field === path && finding.end > finding.start),
  );
}

function changes(before, after) {
  return difference(before, after).map(({ text: words, kind }) =>
    kind === "gone" ? h("del", {}, words) : kind === "new" ? h("ins", {}, words) : words,
  );
}

/** Return the text with the words of findings marked. Offsets count characters, not UTF-16 code units. */
function marked(value, findings) {
  const characters = [...value];
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
