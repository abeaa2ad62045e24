"""Runs and watches batch processing from the shell, through the HTTP API.

    python -m scripts.run_batch_processing --action pipeline --category-limit 3

Exit codes: 0 all done, 1 some failed, 2 wrong usage, 3 the service is out of reach; 130 after Ctrl+C. After
Ctrl+C the work continues in the service. docs/scripts.md has an example of every action.
"""

import shlex
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.actions import batch_actions, export_actions, import_actions, product_actions, run_actions
from scripts.api_client import ApiClient
from scripts.options import TAKES, Action, FileKind, Misused, Options, check
from scripts.script_settings import DEFAULT_BASE_URL, ApiKey, BaseUrl
from scripts.session import Interrupted, Session

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

_OPTIONS = frozenset().union(*TAKES.values())


@app.command()
def main(
    context: typer.Context,
    action: Annotated[Action, typer.Option(help="what to do")],
    category_limit: Annotated[
        int | None,
        typer.Option(help="most products of each category; 0 = all that are due (test: 5 unless given)"),
    ] = None,
    category: Annotated[list[str] | None, typer.Option(help="name or slug; may be repeated")] = None,
    product_id: Annotated[list[str] | None, typer.Option(help="only this product; may be repeated")] = None,
    brand: Annotated[str | None, typer.Option(help="only products of this brand")] = None,
    locale: Annotated[list[str] | None, typer.Option(help="only this locale; may be repeated")] = None,
    prompt_version: Annotated[str | None, typer.Option(help="regenerate: texts of this prompt")] = None,
    model: Annotated[str | None, typer.Option(help="regenerate: texts of this model")] = None,
    outcome: Annotated[str | None, typer.Option(help="regenerate: texts that failed with this")] = None,
    file: Annotated[
        Path | None, typer.Option(help="import: the catalogue; file, export: the file to write (replaced)")
    ] = None,
    kind: Annotated[FileKind, typer.Option(help="file: which lines of the batch")] = FileKind.OUTPUT,
    full_feed: Annotated[
        bool, typer.Option("--full-feed", help="import: discontinue the products that the file does not name")
    ] = False,
    batch_id: Annotated[str | None, typer.Option(help="submit, process, cancel, status, file")] = None,
    run_id: Annotated[str | None, typer.Option(help="status")] = None,
    import_id: Annotated[str | None, typer.Option(help="status")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="follow it to its end")] = False,
    list_runs: Annotated[bool, typer.Option("--runs", help="list: runs in place of batches")] = False,
    status: Annotated[str | None, typer.Option(help="list: only those in this state")] = None,
    limit: Annotated[int, typer.Option(help="list: entries on a page")] = 50,
    after: Annotated[str | None, typer.Option(help="list: continue after this id")] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="pipeline, create, test: the same key never starts a second run")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="pipeline, import: show what it would do; change nothing")
    ] = False,
    channel: Annotated[str | None, typer.Option(help="export: the channel, such as shopify")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="export: a column of plain files; may be repeated")
    ] = None,
    updated_since: Annotated[
        str | None, typer.Option(help="export: only what changed since this time, with its zone")
    ] = None,
    base_url: BaseUrl = DEFAULT_BASE_URL,
    api_key: ApiKey = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="print the response as JSON and nothing else")
    ] = False,
) -> None:
    """Run and watch batch processing through the HTTP API."""
    options = Options(
        action=action,
        category_limit=category_limit,
        category=tuple(category or ()),
        product_id=tuple(product_id or ()),
        brand=brand,
        locale=tuple(locale or ()),
        prompt_version=prompt_version,
        model=model,
        outcome=outcome,
        file=file,
        kind=kind,
        full_feed=full_feed,
        batch_id=batch_id,
        run_id=run_id,
        import_id=import_id,
        watch=watch,
        runs=list_runs,
        status=status,
        limit=limit,
        after=after,
        idempotency_key=idempotency_key,
        dry_run=dry_run,
        channel=channel,
        column=tuple(column or ()),
        updated_since=updated_since,
    )
    try:
        check(options, _given(context))
        session = Session(ApiClient(base_url, api_key), as_json, _flags(context, base_url))
        succeeded = _act(session, options)
    except Interrupted as interrupted:
        _end(f"\n{interrupted}", exits.INTERRUPTED)
    except exits.KNOWN as error:
        _end(exits.explain(error), exits.code_of(error))
    raise typer.Exit(exits.DONE if succeeded else exits.FAILED)


def _act(session: Session, options: Options) -> bool:
    match options.action:
        case Action.PIPELINE | Action.CREATE | Action.TEST:
            return (run_actions.estimate if options.dry_run else run_actions.start)(session, options)
        case Action.ESTIMATE:
            return run_actions.estimate(session, options)
        case Action.SUBMIT | Action.PROCESS | Action.CANCEL:
            return batch_actions.act(session, options)
        case Action.LIST:
            return batch_actions.list_(session, options)
        case Action.FILE:
            return batch_actions.file(session, options)
        case Action.IMPORT:
            return import_actions.start(session, options)
        case Action.REGENERATE:
            return product_actions.regenerate(session, options)
        case Action.EXPORT:
            return export_actions.export(session, options)
        case Action.STATUS:
            return _status(session, options)


def _status(session: Session, options: Options) -> bool:
    if options.run_id is not None:
        return (run_actions.watch if options.watch else run_actions.look)(session, options.run_id)
    if options.import_id is not None:
        return (import_actions.watch if options.watch else import_actions.look)(session, options.import_id)
    if options.batch_id is not None:
        return batch_actions.look(session, options)
    return product_actions.look(session)


def _given(context: typer.Context) -> set[str]:
    """The names of the options on the command line that belong to actions."""
    names = {"list_runs": "runs"}
    given = set()
    for parameter in context.params:
        source = context.get_parameter_source(parameter)
        if source is not None and source.name == "COMMANDLINE":
            given.add(names.get(parameter, parameter))
    empty = [name for name in sorted(given & _OPTIONS) if _says_nothing(context.params.get(name))]
    if empty:
        raise Misused(f"--{empty[0].replace('_', '-')} is empty.")
    return given & _OPTIONS


def _says_nothing(value: object) -> bool:
    """Whether a text, or one of several, is blank: as a filter it would mean nothing or everything."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return any(isinstance(each, str) and not each.strip() for each in values)


def _flags(context: typer.Context, base_url: str) -> str:
    """The options that a later command needs to reach the same service. A key is never printed."""
    flags = "" if base_url == DEFAULT_BASE_URL else f" --base-url {shlex.quote(base_url)}"
    source = context.get_parameter_source("api_key")
    if source is not None and source.name == "COMMANDLINE":
        flags += ' --api-key "$API_KEY"'
    return flags


def _end(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
