"""Try the prompts before a batch is paid for: online previews of a few products of each category.

    python -m scripts.test_azure_openai_batch --single
    python -m scripts.test_azure_openai_batch --products-per-category 5 --locale de-DE

The service generates and validates; nothing is stored there. Each answer is kept in `test_results/<time>/`.
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
    # Run as a file, Python looks for packages beside the file and not in the project.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.api_client import ApiClient
from scripts.preview_trials import Tried, products_of, rates, try_all
from scripts.script_settings import DEFAULT_BASE_URL, ApiKey, BaseUrl
from scripts.session import Session
from scripts.terminal_report import console, plain, rates_table

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
    parallel: Annotated[int, typer.Option(min=1, max=16, help="calls side by side")] = 4,
    results: Annotated[Path, typer.Option(help="folder that the answers are kept in")] = RESULTS,
    base_url: BaseUrl = DEFAULT_BASE_URL,
    api_key: ApiKey = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="print the summary as JSON and nothing else")
    ] = False,
) -> None:
    """Preview a few products of each category, and say how many came back good."""
    client = ApiClient(base_url, api_key)
    session = Session(client, as_json)
    # To the microsecond: two that are started together keep their answers apart.
    folder = results / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    tried: list[Tried] = []
    try:
        chosen = _choose(client, category or [], 1 if single else products_per_category, single)
        for one in try_all(client, chosen, locale or [], folder, parallel):
            tried.append(one)
            if not as_json:
                console.print(_line(one))
    except KeyboardInterrupt:
        _end(f"\nStopped after {len(tried)} products; their answers are in {folder}.", exits.INTERRUPTED)
    except exits.KNOWN as error:
        _end(exits.explain(error), exits.code_of(error))
    if not chosen:
        _end("There is no product to try; import a catalogue first.", exits.FAILED)
    summary = _summary(tried, folder)
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    session.show(summary, rates_table(summary), f"Every answer is in {folder}.")
    raise typer.Exit(exits.DONE if all(one.passed for one in tried) else exits.FAILED)


def _choose(client: ApiClient, categories: list[str], count: int, single: bool) -> list[Json]:
    """The products to try; of one category after the other, or the first that there is."""
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
    said = one.error or ", ".join(
        f"{locale} {outcome}" + (f" ({one.reasons[locale]})" if locale in one.reasons else "")
        for locale, outcome in sorted(one.outcomes.items())
    )
    return plain(f"{'passed' if one.passed else 'FAILED'}  {one.category}  {one.product_id}: {said}")


def _end(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
