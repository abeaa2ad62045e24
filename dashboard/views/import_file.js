// Importing a catalogue file, and the report on its rows.

import { call, withQuery } from "../scripts/api.js";
import { labelled, onSubmit, openDialog } from "../scripts/dialogs.js";
import { h, table } from "../scripts/dom.js";
import { badge, count, number } from "../scripts/format.js";

const TYPES = {
  csv: "text/csv",
  json: "application/json",
  jsonl: "application/x-ndjson",
  ndjson: "application/x-ndjson",
};
const POLL_MS = 500;
const SHOWN_PROBLEMS = 200;

// Names of the counts in a report.
const COUNTS = {
  created: "new",
  updated: "updated",
  unchanged: "unchanged",
  doubled: "duplicates",
  rejected: "rejected",
  absent: "absent from the file",
  discontinued: "discontinued",
};

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
        "This is the complete catalogue: products missing from it are discontinued",
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
      if (!type) throw new Error(`${chosen.name}: the name of the file must end in .csv, .json or .jsonl.`);
      const flags = { ...(full_feed && { full_feed: true }), ...(dry_run && { dry_run: true }) };
      const path = withQuery("products/import", flags);
      const accepted = await call("POST", path, { body: chosen, headers: { "Content-Type": type } });
      dialog.close();
      openReport(accepted.import.import_id);
    });
    return [form];
  });
}

/** Show the report of an import, and update it until the import has ended. */
export function openReport(id) {
  openDialog("Import", (dialog) => {
    const body = h("div", { class: "report", role: "status" }, h("p", { class: "quiet" }, "Loading …"));
    async function look() {
      if (!dialog.isConnected) return;
      try {
        const { import: report } = await call("GET", `imports/${id}`);
        body.replaceChildren(...show(report));
        if (report.status === "running") setTimeout(look, POLL_MS);
      } catch (error) {
        body.replaceChildren(h("p", { class: "problem" }, error.message));
      }
    }
    setTimeout(look);
    return [body];
  });
}

function show(report) {
  const counts = { ...COUNTS };
  if (report.absent === null) delete counts.absent;
  if (report.dry_run) delete counts.discontinued;
  const total = report.problem_count + report.warning_count;
  const found = [
    ...report.problems.map((problem) => [problem, "rejected"]),
    ...report.warnings.map((problem) => [problem, "imported"]),
  ];
  const rows = found
    .slice(0, SHOWN_PROBLEMS)
    .map(([problem, result]) =>
      h(
        "tr",
        {},
        h("td", {}, number(problem.line)),
        h("td", {}, result),
        h("td", {}, problem.field),
        h("td", {}, problem.reason),
        h("td", {}, problem.product ?? ""),
      ),
    );
  return [
    h(
      "p",
      {},
      badge(report.status),
      " ",
      count(report.rows, "row"),
      report.full_feed && " of a complete catalogue",
    ),
    report.dry_run && h("p", {}, "Only checked: nothing was stored. The counts are what an import would do."),
    report.error_message && h("p", { class: "problem" }, report.error_message),
    h(
      "dl",
      { class: "facts" },
      Object.entries(counts).map(([name, text]) =>
        h("div", {}, h("dt", {}, text), h("dd", {}, number(report[name]))),
      ),
    ),
    rows.length && table("Rows with a problem", ["Line", "Row", "Field", "Reason", "Product"], rows),
    rows.length < total &&
      h(
        "p",
        { class: "quiet" },
        `${number(rows.length)} of ${number(total)} are shown. GET /api/v1/imports/${report.import_id} has more.`,
      ),
  ].filter(Boolean);
}
