"""The actions of `run_batch_processing`, and which options go with each."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Action(StrEnum):
    ESTIMATE = "estimate"
    PIPELINE = "pipeline"
    CREATE = "create"
    TEST = "test"
    SUBMIT = "submit"
    PROCESS = "process"
    CANCEL = "cancel"
    STATUS = "status"
    LIST = "list"
    FILE = "file"
    IMPORT = "import"
    REGENERATE = "regenerate"
    EXPORT = "export"


class FileKind(StrEnum):
    INPUT = "input"
    OUTPUT = "output"
    ERRORS = "errors"


@dataclass(frozen=True)
class Options:
    """The options of one call. Each field has the name of its option on the command line."""

    action: Action
    category_limit: int | None = None
    category: tuple[str, ...] = ()
    product_id: tuple[str, ...] = ()
    brand: str | None = None
    locale: tuple[str, ...] = ()
    prompt_version: str | None = None
    model: str | None = None
    outcome: str | None = None
    file: Path | None = None
    kind: FileKind = FileKind.OUTPUT
    full_feed: bool = False
    batch_id: str | None = None
    run_id: str | None = None
    import_id: str | None = None
    watch: bool = False
    runs: bool = False
    status: str | None = None
    limit: int = 50
    after: str | None = None
    idempotency_key: str | None = None
    dry_run: bool = False
    channel: str | None = None
    column: tuple[str, ...] = ()
    updated_since: str | None = None


class Misused(Exception):
    """Options that do not go together. The text names them, and the options that are allowed."""


_WORK = {"category_limit", "category", "idempotency_key"}
_ONE_BATCH = {"batch_id", "watch"}

# An option that an action would ignore is refused: an ignored limit would cost money.
TAKES: dict[Action, frozenset[str]] = {
    Action.ESTIMATE: frozenset(_WORK - {"idempotency_key"} | {"product_id", "brand", "locale"}),
    Action.PIPELINE: frozenset(_WORK | {"product_id", "brand", "locale", "dry_run"}),
    Action.CREATE: frozenset(_WORK | {"product_id", "brand", "locale"}),
    Action.TEST: frozenset(_WORK),
    Action.SUBMIT: frozenset(_ONE_BATCH),
    Action.PROCESS: frozenset(_ONE_BATCH),
    Action.CANCEL: frozenset(_ONE_BATCH),
    Action.STATUS: frozenset(_ONE_BATCH | {"run_id", "import_id"}),
    Action.LIST: frozenset({"runs", "status", "limit", "after"}),
    Action.FILE: frozenset({"batch_id", "kind", "file"}),
    Action.IMPORT: frozenset({"file", "full_feed", "dry_run"}),
    Action.REGENERATE: frozenset(
        {"category", "product_id", "brand", "locale", "prompt_version", "model", "outcome"}
    ),
    Action.EXPORT: frozenset({"channel", "category", "locale", "updated_since", "column", "file"}),
}
_NEEDS = {
    Action.SUBMIT: "batch_id",
    Action.PROCESS: "batch_id",
    Action.CANCEL: "batch_id",
    Action.FILE: "batch_id",
    Action.IMPORT: "file",
    Action.EXPORT: "channel",
}


def check(options: Options, given: set[str]) -> None:
    """Check that the options that were `given` go with the action.

    Raises:
        Misused: naming the option that does not go with it, or the one that is missing.
    """
    action = options.action
    for name in sorted(given - TAKES[action]):
        takes = ", ".join(map(_flag, sorted(TAKES[action])))
        raise Misused(f"{_flag(name)} does not go with --action {action}, which takes {takes}.")
    needed = _NEEDS.get(action)
    if needed and needed not in given:
        raise Misused(f"--action {action} needs {_flag(needed)}.")
    if action == Action.STATUS:
        chosen = sorted(given & {"batch_id", "run_id", "import_id"})
        if len(chosen) > 1:
            raise Misused(f"Give one of {', '.join(map(_flag, chosen))}, not several.")
        if options.watch and not chosen:
            raise Misused("--watch needs what to watch: --run-id, --batch-id or --import-id.")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
