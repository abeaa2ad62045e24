// Importing a catalogue file, and the report of what became of its rows.

import { call, withQuery } from "../scripts/api.js";
import { labelled, onSubmit, openDialog } from "../scripts/dialogs.js";
import { h, table } from "../scripts/dom.js";
import { badge, count, number } from "../scripts/words.js";

const TYPES = {
  csv: "text/csv",
  json: "application/json",
  jsonl: "application/x-ndjson",
  ndjson: "application/x-ndjson",
};
const LOOK_MS = 500;
const SHOWN_PROBLEMS = 200;

export function openImport() {
  openDialog("Import a file", (dialog) => {
    const file = h("input", {
      name: "file",
      type: "file",
      accept: ".csv,.json,.jsonl,.ndjson",
      required: true,
    });
    const form = h(
      "form",
      {},
      labelled("Catalogue", file, "CSV, JSON or JSON Lines in UTF-8, up to 100 MB."),
      h(
        "label",
        { class: "tick" },
        h("input", { name: "full_feed", type: "checkbox" }),
        "The file names everything: what it does not name is discontinued",
      ),
      h(
        "label",
        { class: "tick" },
        h("input", { name: "dry_run", type: "checkbox" }),
        "Check only: store nothing, and show what the import would do",
      ),
      h("footer", {}, h("button", { type: "submit", class: "main" }, "Import")),
    );
    onSubmit(form, async ({ full_feed, dry_run }) => {
      const [chosen] = file.files;
      const type = TYPES[chosen.name.split(".").at(-1).toLowerCase()];
      if (!type) throw new Error(`${chosen.name}: name a file .csv, .json or .jsonl.`);
      const flags = { ...(full_feed && { full_feed: true }), ...(dry_run && { dry_run: true }) };
      const path = withQuery("products/import", flags);
      const said = await call("POST", path, { body: chosen, headers: { "Content-Type": type } });
      dialog.close();
      openReport(said.import.import_id);
    });
    return [form];
  });
}

/** The report of an import, followed until it has ended. */
export function openReport(id) {
  openDialog("Import", (dialog) => {
    const body = h("div", { class: "report", role: "status" }, h("p", { class: "quiet" }, "Reading …"));
    async function look() {
      if (!dialog.isConnected) return;
      try {
        const { import: report } = await call("GET", `imports/${id}`);
        body.replaceChildren(...show(report));
        if (report.status === "running") setTimeout(look, LOOK_MS);
      } catch (error) {
        body.replaceChildren(h("p", { class: "problem" }, error.message));
      }
    }
    setTimeout(look);
    return [body];
  });
}

function show(report) {
  const counts = ["created", "updated", "unchanged", "doubled", "rejected"];
  if (report.absent !== null) counts.push("absent");
  if (!report.dry_run) counts.push("discontinued");
  const total = report.problem_count + report.warning_count;
  const found = [
    ...report.problems.map((problem) => [problem, "left out"]),
    ...report.warnings.map((problem) => [problem, "kept"]),
  ];
  const rows = found
    .slice(0, SHOWN_PROBLEMS)
    .map(([problem, fate]) =>
      h(
        "tr",
        {},
        h("td", {}, number(problem.line)),
        h("td", {}, fate),
        h("td", {}, problem.field),
        h("td", {}, problem.reason),
        h("td", {}, problem.product ?? ""),
      ),
    );
  return [
    h("p", {}, badge(report.status), " ", count(report.rows, "row"), report.full_feed && " of a full feed"),
    report.dry_run && h("p", {}, "Only checked: nothing was stored. The counts are what an import would do."),
    report.error_message && h("p", { class: "problem" }, report.error_message),
    h(
      "dl",
      { class: "facts" },
      counts.map((name) => h("div", {}, h("dt", {}, name), h("dd", {}, number(report[name])))),
    ),
    rows.length && table("Rows with a problem", ["Line", "Row", "Field", "Why", "Product"], rows),
    rows.length < total &&
      h(
        "p",
        { class: "quiet" },
        `${number(rows.length)} of ${number(total)} are shown; more are in GET /api/v1/imports/${report.import_id}.`,
      ),
  ].filter(Boolean);
}
