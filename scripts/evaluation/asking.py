"""Asking a configured deployment about a set: online, or as one batch job."""

import io
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Literal

import openai
import orjson
from openai.types import Batch

from scripts.evaluation.evaluation_set import EvaluationCase
from scripts.evaluation.recordings import CaseReplies, ReaderReply
from shared.config.settings import Settings
from shared.domain.outcome import Outcome
from shared.openai_batch.openai_client import make_client
from shared.openai_batch.remote_batches import RemoteBatches
from shared.openai_batch.remote_errors import Refused
from shared.openai_batch.result_lines import ResultLine, read_result_line
from shared.verification.reader_request import ReaderRequest, reader_requests

Say = Callable[[str], None]
ModelKind = Literal["chat", "reasoning"]

_SECONDS = 300.0
_PARALLEL = 4
_PAUSE = 5.0
_ENDED = ("completed", "failed", "expired", "cancelled")
_OK = 200


class AskingFailed(Exception):
    """The deployment could not be asked; the text says why, and what to do."""


def ask(
    settings: Settings,
    cases: Sequence[EvaluationCase],
    how: Literal["online", "batch"],
    deployment: str,
    kind: ModelKind,
    say: Say,
) -> tuple[str, dict[str, CaseReplies]]:
    """The model that answered, and its replies by case.

    Raises:
        AskingFailed: when the job fails, or a call is refused.
        RemoteError: when Azure does not answer.
    """
    asked = {
        f"{number:06d}-{part}": (case, request)
        for number, case in enumerate(cases)
        for part, request in enumerate(reader_requests(case.product, case.lines))
    }
    bodies = {key: request.body(deployment, kind) for key, (_, request) in asked.items()}
    results = _online(settings, bodies, say) if how == "online" else _batch(settings, bodies, say)
    replies: dict[str, list[ReaderReply]] = defaultdict(list)
    for key, (case, request) in asked.items():
        replies[case.name].append(_reply(request, results.get(key)))
    model = next((result.model for result in results.values() if result.model), deployment)
    digests = {case.name: case.digest for case in cases}
    return model, {name: CaseReplies(digest=digests[name], replies=tuple(r)) for name, r in replies.items()}


def _reply(request: ReaderRequest, result: ResultLine | None) -> ReaderReply:
    lines = (request.lines[0].number, request.lines[-1].number)
    if result is None:
        return ReaderReply(lines=lines, failure=Outcome.MISSING, reason="no result line came back")
    return ReaderReply(
        lines=lines,
        text=result.text,
        failure=result.failure,
        reason=result.reason,
        prompt_tokens=result.prompt_tokens,
        completion_tokens=result.completion_tokens,
        cached_tokens=result.cached_tokens,
    )


def _online(settings: Settings, bodies: dict[str, dict[str, Any]], say: Say) -> dict[str, ResultLine]:
    client = make_client(settings).with_options(max_retries=3, timeout=_SECONDS)

    def call(key: str) -> ResultLine:
        try:
            answer = client.chat.completions.create(**bodies[key])
        except openai.APIStatusError as error:
            if error.code != "content_filter":
                refusal = f"HTTP {error.status_code} {error.code or ''}".strip()
                raise AskingFailed(f"The online call was refused ({refusal}): {error.message}") from None
            status, body = error.status_code, {"error": error.body}
        except openai.APIConnectionError:
            raise AskingFailed("Azure OpenAI does not answer online calls; try again.") from None
        else:
            status, body = _OK, answer.model_dump()
        say(f"{key} answered")
        # One reader of answers for both ways.
        line = {"custom_id": key, "response": {"status_code": status, "body": body}, "error": None}
        return read_result_line(orjson.dumps(line))

    with ThreadPoolExecutor(_PARALLEL) as pool:
        return dict(zip(bodies, pool.map(call, bodies), strict=True))


def _batch(settings: Settings, bodies: dict[str, dict[str, Any]], say: Say) -> dict[str, ResultLine]:
    remote = RemoteBatches(settings)
    name = f"evaluation-{uuid.uuid4().hex}"
    lines = [
        {"custom_id": key, "method": "POST", "url": settings.request_url, "body": body}
        for key, body in bodies.items()
    ]
    content = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    files = [remote.upload(f"{name}.jsonl", io.BytesIO(content))]
    try:
        while (status := remote.file_status(files[0])) == "pending":
            say("Azure reads the file")
            time.sleep(_PAUSE)
        if status != "processed":
            raise AskingFailed(f"The uploaded file is {status}; try again.")
        job = _finished(remote, remote.create_job(files[0], name), say)
        files += [file_id for file_id in (job.output_file_id, job.error_file_id) if file_id]
        if job.status == "failed":
            error = job.errors.data[0] if job.errors and job.errors.data else None
            raise AskingFailed(
                f"The job failed: {error.code}: {error.message}" if error else "The job failed."
            )
        results = [
            read_result_line(line)
            for file_id in files[1:]
            for line in b"".join(remote.download(file_id)).splitlines()
        ]
        return {result.custom_id: result for result in results if result.custom_id}
    finally:
        for file_id in files:
            remote.delete_file(file_id)


def _finished(remote: RemoteBatches, job_id: str, say: Say) -> Batch:
    """The job when it has ended. It is cancelled if the script is interrupted: its answers would be lost."""
    try:
        while (job := remote.job(job_id)).status not in _ENDED:
            say(f"job {job_id} is {job.status}")
            time.sleep(_PAUSE)
    except BaseException:
        with suppress(Refused):  # it ended in the same moment
            remote.cancel(job_id)
        raise
    return job
