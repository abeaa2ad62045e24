"""Measure a reader of texts: what it finds, misses and raises wrongly in a set with known lapses.

    python -m scripts.evaluate_verifier --recorded samples/verification/recorded/constructed.json
    python -m scripts.evaluate_verifier --ask batch --record verdicts/gpt-4.1-mini.json

With `--recorded` answers are judged that were kept; nothing is called. With `--ask` the set is sent to the
deployment of the settings, which costs money. Exit codes: 0 measured, 1 the deployment could not be asked,
2 wrong usage or a file that cannot be read; 130 after Ctrl+C.
"""

import json
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

if not __package__:
    # Run as a file, Python looks for packages beside the file and not in the project.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.evaluation.asking import AskingFailed, ask
from scripts.evaluation.evaluation_set import BadEvaluationSet, EvaluationCase, read_set
from scripts.evaluation.recordings import Recording, read_recording, write_recording
from scripts.evaluation.score_tables import mistakes, score_json, score_lines, score_tables
from scripts.evaluation.scoring import Score, score
from scripts.settings_file import BadSettingsFile, load_file
from scripts.terminal import console, progress_console
from shared.config.prices import DEFAULTS, price_of
from shared.config.settings import Settings
from shared.config.settings_loader import load_settings
from shared.content.reader_kinds import read_severities
from shared.domain.errors import SettingsError
from shared.openai_batch.remote_errors import RemoteError
from shared.verification.reader_prompt import READER_PROMPT_VERSION

ROOT = Path(__file__).resolve().parent.parent
SET = ROOT / "samples" / "verification"
DEFAULT_FILE = ROOT / "local.settings.json"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class How(StrEnum):
    ONLINE = "online"
    BATCH = "batch"


class ModelKind(StrEnum):
    CHAT = "chat"
    REASONING = "reasoning"


@app.command()
def main(
    folder: Annotated[Path, typer.Option("--set", help="folder of the evaluation set")] = SET,
    case: Annotated[list[str] | None, typer.Option(help="name of a case; may be repeated")] = None,
    recorded: Annotated[list[Path] | None, typer.Option(help="a recording to judge; may be repeated")] = None,
    how: Annotated[How | None, typer.Option("--ask", help="ask the deployment of the settings")] = None,
    deployment: Annotated[str, typer.Option(help="another deployment of the same resource")] = "",
    model_kind: Annotated[ModelKind | None, typer.Option(help="kind of its model")] = None,
    record: Annotated[Path | None, typer.Option(help="file to keep the answers in")] = None,
    kinds: Annotated[str, typer.Option(help="severities; default: those of VERIFICATION_KINDS")] = "",
    settings_file: Annotated[Path | None, typer.Option(help="a local.settings.json")] = None,
    show_mistakes: Annotated[bool, typer.Option("--mistakes", help="list what was missed or wrong")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the measurement as JSON and nothing else")
    ] = False,
) -> None:
    """Judge recorded answers, or ask a deployment and judge what it answers."""
    if bool(recorded) == bool(how):
        _end("Give either --recorded FILE or --ask online|batch.", exits.USAGE)
    if not how and (deployment or record or model_kind or settings_file):
        _end("--deployment, --model-kind, --record and --settings-file go with --ask.", exits.USAGE)
    try:
        read_severities(kinds)  # before anything is paid for
        cases = read_set(folder, case or [])
        recordings = [read_recording(path) for path in recorded or []]
        if how:
            recordings = [_ask(cases, how, deployment, model_kind, settings_file)]
            if record:
                write_recording(record, recordings[0])
        severities = read_severities(kinds or os.environ.get("VERIFICATION_KINDS", ""))
        scores = [
            (each, score(((one, each.replies_to(one)) for one in cases), severities)) for each in recordings
        ]
    except KeyboardInterrupt:
        _end("\nStopped. The job, if there was one, is cancelled.", exits.INTERRUPTED)
    except (BadEvaluationSet, ValueError, BadSettingsFile, SettingsError) as error:
        _end(str(error), exits.USAGE)
    except (AskingFailed, RemoteError) as error:
        _end(str(error), exits.FAILED)
    if as_json:
        shown = [{"model": each.model, "prompt": each.prompt_version, **score_json(s)} for each, s in scores]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for each, measured in scores:
        _show(each, measured, show_mistakes)


def _ask(
    cases: list[EvaluationCase], how: How, deployment: str, kind: ModelKind | None, file: Path | None
) -> Recording:
    if file or DEFAULT_FILE.exists():
        load_file(file or DEFAULT_FILE)
    settings = load_settings()
    name = deployment or _configured(settings, how)
    with progress_console.status("", spinner="dots") as status:
        model, replies = ask(
            settings, cases, how.value, name, kind.value if kind else settings.model_kind, status.update
        )
    return Recording(
        model=model,
        prompt_version=READER_PROMPT_VERSION,
        recorded_at=f"{datetime.now(UTC):%Y-%m-%d}",
        about=f"asked as {how}",
        cases=replies,
    )


def _configured(settings: Settings, how: How) -> str:
    online = settings.azure_openai_online_deployment_name
    name = settings.azure_openai_deployment_name if how == How.BATCH else online
    if not name:
        raise ValueError("Set AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME, or give --deployment.")
    return name


def _show(recording: Recording, measured: Score, with_mistakes: bool) -> None:
    title = f"{recording.model}, prompt {recording.prompt_version}"
    for table in score_tables(title, measured):
        console.print(table)
    price = price_of(DEFAULTS, recording.model)
    spent = (measured.prompt_tokens, measured.completion_tokens, measured.cached_tokens)
    cost = price.of(*spent) if price and any(spent) else None
    lines = [*score_lines(measured, cost), *(mistakes(measured) if with_mistakes else ())]
    for line in lines:
        console.print(line, soft_wrap=True)


def _end(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
