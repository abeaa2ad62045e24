"""Exports: the content of many products as the files of a channel, downloaded as one zip file."""

from pathlib import Path

from scripts.actions import download_actions
from scripts.following import follow
from scripts.options import Options
from scripts.session import Session


def export(session: Session, options: Options) -> bool:
    """Export to a channel, wait for its end, and download the zip file."""
    chosen = {
        "channel": options.channel,
        "categories": options.category,
        "locales": options.locale,
        "updated_since": options.updated_since,
        "columns": options.column,
    }
    body = {name: value for name, value in chosen.items() if value}
    started = session.client.call("POST", "/api/v1/exports", json=body)
    location, export_id = started["location"], started["export"]["export_id"]
    target = options.file or Path(f"{options.channel}.zip")
    # No action downloads this export later: a repeated command exports again, which costs nothing.
    with session.watching(f"Export {export_id}", f"--action export --channel {options.channel}"):
        answer = follow(
            lambda: dict(session.client.call("GET", location)),
            lambda each: each["export"]["status"] != "running",
        )
    record, archive = answer["export"], answer["archive"]
    if archive is None:
        session.show(answer, f"Export {export_id} {record['status']}: {record['error_message'] or 'no file'}")
        return False
    written = download_actions.download([archive], target)
    shown = {"export": record, "file": str(target), "bytes": written}
    session.show(
        shown,
        f"{written:,} bytes in {target}, with {record['products']} products.\n"
        "report.csv in it lists what was left out, and why.",
    )
    return True
