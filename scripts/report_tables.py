"""Tables and lines that the scripts print for people, made from responses of the API."""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.table import Table

from scripts.terminal import plain

Json = dict[str, Any]


def run_table(answer: Json) -> Table:
    """What a run stored, one row for each batch."""
    table = Table(title=f"Run {answer['run']['run_id']}: {answer['run']['status']}")
    table.add_column("category")
    for name in ("products", "requests", "locales", "failed", "tokens in", "tokens out", "cost USD"):
        table.add_column(name, justify="right")
    rows = sorted(
        (batch for batch in answer["batches"] if batch["product_count"]), key=lambda row: row["category"]
    )
    for row in [*rows, {**answer["run"], "category": "all"}]:
        table.add_row(*_figures(row), style="bold" if row["category"] == "all" else None)
    return table


def batch_table(batches: Iterable[Json]) -> Table:
    """Batches, newest first."""
    table = Table()
    table.add_column("batch", no_wrap=True)
    for name in ("created", "category", "deployment", "status", "products", "stored", "failed", "waits for"):
        table.add_column(name)
    for batch in batches:
        table.add_row(
            batch["batch_id"],
            batch["created_at"][:19],
            plain(batch["category"]),
            batch["deployment"],
            batch["status"],
            str(batch["product_count"]),
            str(_stored(batch)),
            str(_failed(batch)),
            batch["waits_for"] or "",
        )
    return table


def estimate_table(answer: Json) -> Table:
    """What a run would send and cost, by category."""
    note = answer["price_note"]
    caption = plain(f"Costs are reported as 0: {note}.") if note else None
    table = Table(title="Estimate: nothing was started", caption=caption)
    table.add_column("category")
    for name in ("products", "requests", "files", "tokens in", "tokens out", "cost USD", "at most USD"):
        table.add_column(name, justify="right")
    for row in [*answer["categories"], answer["total"]]:
        counts = (str(row[name]) for name in ("products", "requests", "files"))
        tokens = (f"{row[name]:,}" for name in ("input_tokens", "output_tokens"))
        costs = (f"{row[name]:.4f}" for name in ("cost", "most_cost"))
        style = "bold" if row is answer["total"] else None
        table.add_row(plain(row["category"]), *counts, *tokens, *costs, style=style)
    return table


def run_list(runs: Iterable[Json]) -> Table:
    """Runs, newest first."""
    table = Table()
    table.add_column("run", no_wrap=True)
    for name in ("created", "started by", "status", "products", "stored", "failed", "cost USD"):
        table.add_column(name)
    for run in runs:
        table.add_row(
            run["run_id"],
            run["created_at"][:19],
            run["trigger"],
            run["status"],
            str(run["product_count"]),
            str(_stored(run)),
            str(_failed(run)),
            f"{run['cost']:.4f}",
        )
    return table


def status_table(status: Json) -> Table:
    """Products by category and status."""
    names = ("pending", "processing", "completed", "failed")
    table = Table(title="Products")
    table.add_column("category")
    for name in (*names, "discontinued"):
        table.add_column(name, justify="right")
    for category in status["categories"]:
        counts = [category["by_status"].get(name, 0) for name in names]
        table.add_row(plain(category["name"]), *map(str, counts), str(category["discontinued"]))
    totals = [status["totals"].get(name, 0) for name in names]
    discontinued = sum(category["discontinued"] for category in status["categories"])
    table.add_row("all", *map(str, totals), str(discontinued), style="bold")
    return table


def rates_table(summary: Json) -> Table:
    """The success rate of previews by category."""
    table = Table(title="Previews")
    table.add_column("category")
    for name in ("products", "passed", "rate", "tokens", "USD at batch price"):
        table.add_column(name, justify="right")
    totals = {name: sum(row[name] for row in summary["categories"]) for name in ("tokens", "cost")}
    everything = {"category": "all", "products": summary["products"], "passed": summary["passed"], **totals}
    for row in [*summary["categories"], everything]:
        table.add_row(
            plain(row["category"]),
            str(row["products"]),
            str(row["passed"]),
            f"{row['passed'] / row['products']:.0%}",
            f"{row['tokens']:,}",
            f"{row['cost']:.4f}",
            style="bold" if row is everything else None,
        )
    return table


def import_lines(report: Json) -> Iterator[str]:
    """The lines of an import's report."""
    counts = {name: report[name] for name in ("created", "updated", "unchanged")}
    counts |= {"duplicate": report["doubled"], "rejected": report["rejected"]}
    if report["full_feed"] and report["absent"] is not None:
        counts |= {"absent from the file": report["absent"]}
    if report["full_feed"] and not report["dry_run"]:
        counts["discontinued"] = report["discontinued"]
    if report["status"] == "running":
        yield "The import is still running; so far:"
    if report["dry_run"]:
        yield "A dry run: nothing is stored. An import would give:"
    yield f"{report['rows']} rows: " + ", ".join(f"{count} {name}" for name, count in counts.items())
    if report["error_message"]:
        refused = "The file was refused: " if report["status"] == "failed" else ""
        yield refused + plain(report["error_message"])
    for kind in ("problems", "warnings"):
        for problem in report[kind]:
            field = f" {problem['field']}" if problem["field"] else ""
            yield plain(f"  line {problem['line']}{field}: {problem['reason']}")
        left_out = report[f"{kind.removesuffix('s')}_count"] - len(report[kind])
        if left_out > 0:
            yield f"  and {left_out} more {kind}"


def _figures(row: Json) -> list[str]:
    return [
        plain(row["category"]),
        str(row["product_count"]),
        str(row["request_count"]),
        str(row["counts"]["locales"]),
        str(_failed(row)),
        f"{row['prompt_tokens']:,}",
        f"{row['completion_tokens']:,}",
        f"{row['cost']:.4f}",
    ]


def _stored(row: Json) -> int:
    return int(row["counts"]["by_outcome"].get("stored", 0))


def _failed(row: Json) -> int:
    return sum(int(n) for n in row["counts"]["by_outcome"].values()) - _stored(row)
