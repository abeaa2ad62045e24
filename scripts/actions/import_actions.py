"""Imports of catalogue files."""

from typing import Any

from scripts.following import follow
from scripts.options import Options
from scripts.report_tables import import_lines
from scripts.session import Interrupted, Session
from scripts.transport import AnswerLost

Json = dict[str, Any]


def start(session: Session, options: Options) -> bool:
    """Import a file and wait for its report. Returns False when it failed or a row was rejected."""
    if options.file is None:
        raise ValueError("the options were not checked")
    again = (
        "It is not known whether the import was started. You can safely import again: nothing is duplicated."
    )
    try:
        started = session.client.start_import(options.file, options.full_feed, options.dry_run)
    except KeyboardInterrupt:
        raise Interrupted(again) from None
    except AnswerLost as error:
        raise AnswerLost(f"{error}\n{again}") from None
    return watch(session, started["import_id"])


def watch(session: Session, import_id: str) -> bool:
    """Follow an import to its end."""
    with session.watching(f"Import {import_id}", f"--action status --import-id {import_id} --watch"):
        report = follow(
            lambda: session.client.get_import(import_id), lambda r: r["status"] != "running", interval=0.5
        )
    return _show(session, report)


def look(session: Session, import_id: str) -> bool:
    """Show the current state of an import."""
    return _show(session, session.client.get_import(import_id))


def _show(session: Session, report: Json) -> bool:
    session.show(report, *import_lines(report))
    return report["status"] != "failed" and not report["rejected"]
