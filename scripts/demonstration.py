"""What `make run` shows: the sample catalogue imported, run, and looked at, all through the HTTP API."""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from scripts.api_client import ApiClient
from scripts.terminal_report import console, import_lines, run_progress, run_table, status_table
from scripts.transport import ApiError

SAMPLE = Path(__file__).parent.parent / "samples" / "catalogue.csv"
PER_CATEGORY = 3
SHOWN_LOCALES = ("en-GB", "de-DE")

Json = dict[str, Any]


def main(
    base_url: Annotated[str, typer.Option(help="where the app answers")],
    api_key: Annotated[str, typer.Option(envvar="API_KEY", help="one of the app's API keys")],
) -> None:
    """Import the sample catalogue, bring three products a category up to date, and show the outcome."""
    client = ApiClient(base_url, api_key)
    console.rule(f"Importing {SAMPLE.name}")
    report = client.import_file(SAMPLE)
    for line in import_lines(report):
        console.print(line)
    behind = _behind(client.products_status())
    if not behind:
        console.rule("Nothing to do")
        console.print(
            f"{PER_CATEGORY} products of every category are up to date: no run started, no job created."
        )
        console.print(status_table(client.products_status()))
        return
    console.rule(f"Running {PER_CATEGORY} products of each of {len(behind)} categories")
    run = client.pipeline(PER_CATEGORY, behind)
    with run_progress() as show:
        answer = client.follow_run(run["run_id"], show)
    console.print(run_table(answer))
    console.print(status_table(client.products_status()))
    _show_product(client)
    failed = answer["run"]["status"] != "completed" or any(
        count for outcome, count in answer["run"]["counts"]["by_outcome"].items() if outcome != "stored"
    )
    raise typer.Exit(1 if failed else 0)


def _behind(status: Json) -> list[str]:
    """Categories in which fewer than three products (or than there are) have been brought up to date."""
    behind = []
    for category in status["categories"]:
        counts = category["by_status"]
        if counts.get("completed", 0) < min(PER_CATEGORY, sum(counts.values())) and counts.get("pending", 0):
            behind.append(category["category"])
    return behind


def _show_product(client: ApiClient) -> None:
    """One stored product in two languages: the first of the file that is complete."""
    product = next(filter(None, map(partial(_completed, client), _skus())), None)
    if product is None:
        return
    content = product["content"]
    console.rule(f"{content['product_input']['name']} ({product['product_id']})")
    for locale in SHOWN_LOCALES:
        sections = content["ai_generated_content"][locale]
        if sections is None:
            console.print(f"{locale}: not stored")
            continue
        console.print(locale, style="bold")
        console.print(sections["basic_info"]["overview"])
        # A text has only the parts that its record can carry.
        for feature in sections["basic_info"].get("key_features", []):
            console.print(f"  • {feature}")
        for question in content["qa"].get(locale, [])[:1]:
            console.print(f"  {question['question']}", style="italic")
            console.print(f"  {question['answer']}")
        console.print()


def _skus() -> Iterator[str]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        yield from (row["sku"] for row in csv.DictReader(file))


def _completed(client: ApiClient, sku: str) -> Json | None:
    """The product of a SKU that is its own product id, where it is stored and complete."""
    try:
        product = client.product(sku)
    except ApiError:
        return None
    return product if product["openai_processing_status"] == "completed" else None


if __name__ == "__main__":
    typer.run(main)
