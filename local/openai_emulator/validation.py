"""Azure's checks of a batch's input file before the job runs. The file is read line by line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from local.openai_emulator import refusals, usage
from local.openai_emulator.config import DeploymentType, EmulatorConfig, Quirk
from local.openai_emulator.refusals import job_error

_BOM = b"\xef\xbb\xbf"
# A job reports only its first errors.
_MOST_ERRORS = 50


@dataclass
class InputReport:
    """The result of reading an input file. `errors` are those that fail any job with this file."""

    requests: int = 0
    enqueued_tokens: int = 0
    url: str = ""
    model: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, report: str) -> "InputReport":
        return cls(**orjson.loads(report))

    def add(self, error: dict[str, Any]) -> None:
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(error)


def inspect(path: Path, config: EmulatorConfig) -> InputReport:
    """Check an input file and count the tokens that a job with it enqueues."""
    report = InputReport()
    if path.stat().st_size == 0:
        report.add(job_error(refusals.EMPTY_FILE))
        return report
    with path.open("rb") as file:
        if file.read(len(_BOM)) == _BOM:
            report.add(job_error(refusals.NO_MODEL_NAME))
            return report
    # Hashes instead of ids, to save memory for a hundred thousand lines.
    seen: set[int] = set()
    for number, (_, line) in enumerate(request_lines(path), start=1):
        report.requests += 1
        _inspect_line(number, line, report, seen)
    if report.requests == 0:
        report.add(job_error(refusals.EMPTY_BATCH))
    if report.requests > config.max_requests:
        report.add(job_error(refusals.TOO_MANY_TASKS, maximum=f"{config.max_requests:,}"))
    return report


def request_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, each with its offset in the file."""
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield offset, line
            offset += len(line)


def _inspect_line(number: int, line: bytes, report: InputReport, seen: set[int]) -> None:
    try:
        request = orjson.loads(line)
    except orjson.JSONDecodeError:
        report.add(job_error(refusals.INVALID_JSON_LINE, number))
        return
    body = request.get("body") if isinstance(request, dict) else None
    custom_id = request.get("custom_id") if isinstance(request, dict) else None
    if not isinstance(body, dict) or not isinstance(custom_id, str) or request.get("method") != "POST":
        report.add(job_error(refusals.INVALID_REQUEST, number))
        return
    if hash(custom_id) in seen:
        report.add(job_error(refusals.DUPLICATE_CUSTOM_ID, number))
    seen.add(hash(custom_id))
    url, model = str(request.get("url", "")), body.get("model")
    if not isinstance(model, str) or not model:
        report.add(job_error(refusals.NO_MODEL_NAME, number))
        return
    report.url, report.model = report.url or url, report.model or model
    if url != report.url:
        report.add(job_error(refusals.URL_MISMATCH, number))
    if model != report.model:
        report.add(job_error(refusals.MODEL_MISMATCH, number))
    report.enqueued_tokens += usage.prompt_tokens(body)


def errors_of_job(report: InputReport, endpoint: str, config: EmulatorConfig) -> list[dict[str, Any]]:
    """The errors that fail a job with this input file; empty when it may run."""
    if report.errors:
        return report.errors
    if _compared(report.url, config) != _compared(endpoint, config):
        return [job_error(refusals.URL_MISMATCH)]
    deployment = config.deployment(report.model)
    if deployment is None:
        return [job_error(refusals.MODEL_NOT_FOUND)]
    if deployment.type is not DeploymentType.BATCH:
        return [job_error(refusals.INVALID_REQUEST)]
    return []


def _compared(endpoint: str, config: EmulatorConfig) -> str:
    # Microsoft's example for own storage has only one of them with "/v1"; its error table wants them equal.
    return endpoint.removeprefix("/v1") if Quirk.LOOSE_ENDPOINT in config.quirks else endpoint
