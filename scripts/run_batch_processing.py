"""Run and watch batch processing from the shell, through the HTTP API.

    python -m scripts.run_batch_processing --action pipeline --category-limit 3

Exit codes: 0 all done, 1 some failed, 2 wrong usage, 3 the service is out of reach.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from scripts.api_client import ApiClient, ApiError, OutOfReach
from scripts.report import batch_table, console, import_lines, run_progress, run_table, status_table

Json = dict[str, Any]


class Action(StrEnum):
    PIPELINE = "pipeline"
    CREATE = "create"
    SUBMIT = "submit"
    PROCESS = "process"
    STATUS = "status"
    LIST = "list"
    IMPORT = "import"


FAILED = 1
USAGE = 2
OUT_OF_REACH = 3


def main(
    action: Annotated[Action, typer.Option(help="what to do")],
    category_limit: Annotated[
        int, typer.Option(min=0, help="products per category; 0 = all that are due")
    ] = 0,
    category: Annotated[list[str] | None, typer.Option(help="only this category (may be repeated)")] = None,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="for import")] = None,
    batch_id: Annotated[str | None, typer.Option(help="for submit, process and status")] = None,
    base_url: Annotated[str, typer.Option(envvar="BASE_URL")] = "http://127.0.0.1:7071",
    api_key: Annotated[str, typer.Option(envvar="API_KEY")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
) -> None:
    """Run and watch batch processing through the HTTP API."""
    client = ApiClient(base_url, api_key)
    try:
        if action in (Action.PIPELINE, Action.CREATE):
            succeeded = _run(client, action, category_limit, category, as_json)
        elif action == Action.IMPORT:
            succeeded = _import(client, file, as_json)
        elif action in (Action.SUBMIT, Action.PROCESS):
            succeeded = _one_batch(client, action, batch_id, as_json)
        else:
            succeeded = _show(client, action, batch_id, as_json)
    except ApiError as error:
        _fail(str(error), FAILED)
    except OutOfReach as error:
        _fail(str(error), OUT_OF_REACH)
    raise typer.Exit(0 if succeeded else FAILED)


def _run(client: ApiClient, action: Action, limit: int, categories: list[str] | None, as_json: bool) -> bool:
    run = (client.pipeline if action == Action.PIPELINE else client.create)(limit, categories)
    try:
        if as_json:
            answer = client.follow_run(run["run_id"], lambda _: None)
            console.print_json(data=answer)
        else:
            with run_progress() as show:
                answer = client.follow_run(run["run_id"], show)
            console.print(run_table(answer))
    except KeyboardInterrupt:
        _fail(f"The run goes on without you: GET /api/v1/runs/{run['run_id']} shows it.", 130)
    if not answer["run"]["batch_count"] and not as_json:
        console.print("Nothing was due: no batch was made.")
    if action == Action.CREATE and not as_json:
        console.print(batch_table([client.batch(batch["batch_id"]) for batch in answer["batches"]]))
    outcomes = answer["run"]["counts"]["by_outcome"]
    return answer["run"]["status"] == "completed" and set(outcomes) <= {"stored"}


def _import(client: ApiClient, file: Path | None, as_json: bool) -> bool:
    if file is None:
        _fail("--action import needs --file.", USAGE)
    report = client.import_file(file)
    if as_json:
        console.print_json(data=report)
    else:
        for line in import_lines(report):
            console.print(line)
    return report["status"] == "completed" and not report["rejected"]


def _one_batch(client: ApiClient, action: Action, batch_id: str | None, as_json: bool) -> bool:
    if batch_id is None:
        _fail(f"--action {action} needs --batch-id.", USAGE)
    batch = client.submit(batch_id) if action == Action.SUBMIT else client.process_results(batch_id)
    _print_batches([batch], as_json)
    return True


def _show(client: ApiClient, action: Action, batch_id: str | None, as_json: bool) -> bool:
    if action == Action.LIST:
        _print_batches(client.batches(), as_json)
    elif batch_id:
        _print_batches([client.batch(batch_id)], as_json)
    elif as_json:
        console.print_json(data=client.products_status())
    else:
        console.print(status_table(client.products_status()))
    return True


def _print_batches(batches: list[Json], as_json: bool) -> None:
    if as_json:
        console.print_json(data=batches)
    else:
        console.print(batch_table(batches))


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    typer.run(main)
