"""Actions on one batch, and lists of batches and runs."""

from pathlib import Path
from typing import Any

from scripts.actions import download_actions
from scripts.api_client import OPEN_BATCH
from scripts.following import follow
from scripts.options import Action, Options
from scripts.report_tables import batch_table, run_list
from scripts.session import Session
from scripts.terminal import console

Json = dict[str, Any]


def act(session: Session, options: Options) -> bool:
    """Submit, process or cancel a batch. With `--watch`, follow it to its end."""
    batch_id = options.batch_id or ""
    calls = {
        Action.SUBMIT: session.client.submit,
        Action.PROCESS: session.client.process_results,
        Action.CANCEL: session.client.cancel,
    }
    batch = calls[options.action](batch_id)
    if options.watch:
        return watch(session, batch_id, may_be_cancelled=options.action == Action.CANCEL)
    _show(session, batch)
    return batch["status"] in OPEN_BATCH or _succeeded(batch, options.action == Action.CANCEL)


def look(session: Session, options: Options) -> bool:
    """Show the state of a batch. With `--watch`, follow it to its end."""
    batch_id = options.batch_id or ""
    if options.watch:
        return watch(session, batch_id)
    batch = session.client.batch(batch_id)
    _show(session, batch)
    return batch["status"] in OPEN_BATCH or _succeeded(batch)


def watch(session: Session, batch_id: str, may_be_cancelled: bool = False) -> bool:
    """Follow a batch to its end. Prints a line whenever its state changes."""
    printed: list[str] = []

    def seen(batch: Json) -> None:
        line = f"{batch['status']}, {batch['requests_done']} of {batch['request_count']} requests"
        if batch["waits_for"]:
            line += f", waits for {batch['waits_for']}"
        if not session.as_json and line not in printed[-1:]:
            printed.append(line)
            console.print(line)

    with session.watching(f"Batch {batch_id}", f"--action status --batch-id {batch_id} --watch"):
        batch = follow(lambda: session.client.batch(batch_id), lambda b: b["status"] not in OPEN_BATCH, seen)
    _show(session, batch)
    return _succeeded(batch, may_be_cancelled)


def list_(session: Session, options: Options) -> bool:
    """Print a page of batches or runs, newest first."""
    what = "runs" if options.runs else "batch/list"
    parameters = {"limit": options.limit, "after": options.after, "status": options.status}
    page = session.client.call(
        "GET", f"/api/v1/{what}", params={k: v for k, v in parameters.items() if v is not None}
    )
    table = run_list(page["runs"]) if options.runs else batch_table(page["batches"])
    parts: list[Any] = [table]
    if page["next_after"]:
        words = "--action list" + (" --runs" if options.runs else "") + f" --limit {options.limit}"
        words += f" --status {options.status}" if options.status else ""
        words += f" --after {page['next_after']}"
        parts.append(f"There are more:\n  {session.command(words)}")
    session.show(page, *parts)
    return True


def file(session: Session, options: Options) -> bool:
    """Download a batch's input, output or error lines into one file. Returns False when there are none."""
    batch_id, kind = options.batch_id or "", options.kind
    target = options.file or Path(f"{batch_id}-{kind}.jsonl")
    parts = session.client.batch_files(batch_id, kind)
    if not parts:
        session.show(
            {"batch_id": batch_id, "kind": kind, "file": None, "bytes": 0, "parts": 0},
            f"Batch {batch_id} has no {kind} lines: not yet, or they were deleted after RETENTION_DAYS.",
        )
        return False
    written = download_actions.download(parts, target)
    answer = {"batch_id": batch_id, "kind": kind, "file": str(target), "bytes": written, "parts": len(parts)}
    session.show(answer, f"{written:,} bytes in {target}")
    return True


def _show(session: Session, batch: Json) -> None:
    parts: list[Any] = [batch_table([batch])]
    if batch["error_message"]:
        parts.append(batch["error_message"])
    batch_id = batch["batch_id"]
    if batch["status"] == "created":
        parts.append(f"Submit it:\n  {session.command(f'--action submit --batch-id {batch_id}')}")
    elif batch["status"] in OPEN_BATCH:
        words = f"--action status --watch --batch-id {batch_id}"
        parts.append(f"It has not ended. Watch it:\n  {session.command(words)}")
    session.show(batch, *parts)


def _succeeded(batch: Json, may_be_cancelled: bool = False) -> bool:
    """Whether a batch that has ended stored everything, or was cancelled where that was the aim."""
    if may_be_cancelled:
        return batch["status"] in ("cancelled", "completed")
    return batch["status"] == "completed" and set(batch["counts"]["by_outcome"]) <= {"stored"}
