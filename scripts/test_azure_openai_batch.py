"""Tries the prompts before a batch costs money: online previews of a few products of each category.

    python -m scripts.test_azure_openai_batch --single
    python -m scripts.test_azure_openai_batch --products-per-category 5 --locale de-DE

The service generates and validates texts and stores nothing. Each response is kept in `test_results/<time>/`.
Exit codes: 0 all passed, 1 some failed, 2 wrong usage, 3 the service is out of reach; 130 after Ctrl+C.
"""

import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.api_client import ApiClient
from scripts.preview_trials import Tried, products_of, rates, try_all
from scripts.report_tables import rates_table
from scripts.script_settings import DEFAULT_BASE_URL, ApiKey, BaseUrl
from scripts.session import Session
from scripts.terminal import console, plain

Json = dict[str, Any]

RESULTS = Path("test_results")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    single: Annotated[bool, typer.Option("--single", help="one product and no more")] = False,
    products_per_category: Annotated[int, typer.Option(min=1, max=50, help="products of each category")] = 5,
    category: Annotated[list[str] | None, typer.Option(help="slug or name; may be repeated")] = None,
    locale: Annotated[
        list[str] | None, typer.Option(help="may be repeated; none = the first configured one")
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="calls at the same time")] = 4,
    results: Annotated[Path, typer.Option(help="folder for the responses")] = RESULTS,
    base_url: BaseUrl = DEFAULT_BASE_URL,
    api_key: ApiKey = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="print the summary as JSON and nothing else")
    ] = False,
) -> None:
    """Preview a few products of each category, and print how many are good enough to be stored."""
    client = ApiClient(base_url, api_key)
    session = Session(client, as_json)
    # The name has microseconds, so that two scripts that start together use different folders.
    folder = results / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    tried: list[Tried] = []
    try:
        chosen = _choose(client, category or [], 1 if single else products_per_category, single)
        for one in try_all(client, chosen, locale or [], folder, parallel):
            tried.append(one)
            if not as_json:
                console.print(_line(one))
    except KeyboardInterrupt:
        _end(f"\nStopped after {len(tried)} products. Their responses are in {folder}.", exits.INTERRUPTED)
    except exits.KNOWN as error:
        _end(exits.explain(error), exits.code_of(error))
    if not chosen:
        _end("There is no product to try. Import a catalogue first.", exits.FAILED)
    summary = _summary(tried, folder)
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    session.show(summary, rates_table(summary), f"Every response is in {folder}.")
    raise typer.Exit(exits.DONE if all(one.passed for one in tried) else exits.FAILED)


def _choose(client: ApiClient, categories: list[str], count: int, single: bool) -> list[Json]:
    """The products to try: `count` of each category, or with `single` the first product found."""
    slugs = categories or [category["category"] for category in client.products_status()["categories"]]
    chosen: list[Json] = []
    for slug in slugs:
        chosen += products_of(client, slug, count)
        if single and chosen:
            break
    return chosen


def _summary(tried: list[Tried], folder: Path) -> Json:
    return {
        "folder": str(folder),
        "products": len(tried),
        "passed": sum(one.passed for one in tried),
        "categories": rates(tried),
        "failures": [dataclasses.asdict(one) for one in tried if not one.passed],
    }


def _line(one: Tried) -> str:
    result = one.error or ", ".join(
        f"{locale} {outcome}" + (f" ({one.reasons[locale]})" if locale in one.reasons else "")
        for locale, outcome in sorted(one.outcomes.items())
    )
    return plain(f"{'passed' if one.passed else 'FAILED'}  {one.category}  {one.product_id}: {result}")


def _end(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
