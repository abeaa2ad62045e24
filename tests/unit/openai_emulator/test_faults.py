"""Scripted faults: effects on calls, answers and lines; which events a rule affects."""

import time
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson
import pytest
from pydantic import ValidationError

from local.openai_emulator import EmulatorConfig, ManualClock, RunningEmulator, running
from tests.unit.openai_emulator.client import (
    ONLINE,
    URL,
    answer,
    client_of,
    finish,
    lines,
    refusal_of,
    requests,
    submit,
    upload,
)


def create(emulator: RunningEmulator, **options: Any) -> str:
    """Create a job with the last uploaded file."""
    client = client_of(emulator, **options)
    [file, *_] = client.files.list()
    return client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h").id


def calls(emulator: RunningEmulator, call: str) -> list[int | None]:
    """The statuses of all calls of one kind, in order."""
    return [entry["status"] for entry in emulator.journal(call)]


@pytest.mark.parametrize(
    ("effect", "error", "code"),
    [
        ({"status": 429, "retry_after": 7}, openai.RateLimitError, "429"),
        ({"status": 503}, openai.InternalServerError, "ServiceUnavailable"),
        ({"status": 500}, openai.InternalServerError, "InternalServerError"),
        ({"status": 409, "code": "conflict", "message": "Busy."}, openai.ConflictError, "conflict"),
    ],
)
def test_a_status_responds_without_carrying_out(
    openai_emulator: RunningEmulator, effect: dict[str, Any], error: type[openai.APIStatusError], code: str
) -> None:
    upload(openai_emulator, requests(1))
    openai_emulator.faults({"on": "batches.create", "effect": effect})
    with pytest.raises(error) as failed:
        create(openai_emulator)
    assert refusal_of(failed.value)[1] == code
    assert failed.value.response.headers.get("retry-after") == (
        str(effect["retry_after"]) if "retry_after" in effect else None
    )
    assert openai_emulator.ledger()["jobs"] == []
    create(openai_emulator)
    assert calls(openai_emulator, "batches.create") == [effect["status"], 200]


@pytest.mark.parametrize(("drop", "jobs"), [("before", 0), ("after", 1)])
def test_a_connection_dropped_before_or_after(openai_emulator: RunningEmulator, drop: str, jobs: int) -> None:
    upload(openai_emulator, requests(1))
    openai_emulator.faults({"on": "batches.create", "effect": {"drop": drop}})
    with pytest.raises(openai.APIConnectionError):
        create(openai_emulator)
    assert len(openai_emulator.ledger()["jobs"]) == jobs


def test_a_call_that_is_carried_out_and_answered_too_late(openai_emulator: RunningEmulator) -> None:
    upload(openai_emulator, requests(1))
    openai_emulator.faults({"on": "batches.create", "effect": {"hang": 0.5}})
    with pytest.raises(openai.APITimeoutError):
        create(openai_emulator, timeout=0.2)
    assert len(openai_emulator.ledger()["jobs"]) == 1


def test_the_sdk_retries_dropped_calls_automatically(openai_emulator: RunningEmulator) -> None:
    """This is why the app creates jobs without retries: here the SDK creates the same job twice."""
    upload(openai_emulator, requests(1))
    openai_emulator.faults({"on": "batches.create", "effect": {"drop": "after"}})
    create(openai_emulator, max_retries=1)
    assert len(openai_emulator.ledger()["jobs"]) == 2


def test_a_dropped_upload_leaves_nothing(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "files.create", "effect": {"drop": "before"}})
    with pytest.raises(openai.APIConnectionError):
        upload(openai_emulator, requests(2000))
    assert openai_emulator.ledger()["files"]["uploaded"] == 0


def test_a_delay(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "files.list", "effect": {"delay": 0.1}})
    started = time.monotonic()
    client_of(openai_emulator).files.list()
    assert time.monotonic() - started >= 0.1


def test_a_truncated_download_breaks_off(openai_emulator: RunningEmulator) -> None:
    job = finish(openai_emulator, requests(20))
    client = client_of(openai_emulator)
    whole = client.files.content(str(job.output_file_id)).content
    openai_emulator.faults({"on": "files.content", "effect": {"truncate": 0.5}})
    got: list[bytes] = []
    with (
        client.files.with_streaming_response.content(str(job.output_file_id)) as response,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        got.extend(response.iter_bytes())
    assert b"".join(got) == whole[: len(whole) // 2]
    assert client.files.content(str(job.output_file_id)).content == whole


def test_missing_duplicate_and_unknown_lines_are_charged_once(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults(
        {"on": "request", "match": {"custom_id": "^line-1$"}, "effect": {"missing": True}},
        {"on": "request", "match": {"custom_id": "^line-2$"}, "effect": {"doubled": True}},
        {"on": "request", "match": {"product": "^P-003$"}, "effect": {"unknown": True}},
    )
    job = finish(openai_emulator, requests(5))
    ids = sorted(line["custom_id"] for line in lines(openai_emulator, job.output_file_id))
    assert ids == ["line-0", "line-2", "line-2", "line-3", "line-4", "unknown-line-3"]
    ledger = openai_emulator.ledger()
    assert ledger["requests"]["charged"] == 5
    assert ledger["products"]["P-001"] == {"de-DE": 1, "en-GB": 1}


def choice(emulator: RunningEmulator, **effect: Any) -> dict[str, Any]:
    """The only choice in the answer to a request with `effect`."""
    emulator.faults({"on": "request", "effect": effect})
    [line] = lines(emulator, finish(emulator, requests(1)).output_file_id)
    made: dict[str, Any] = line["response"]["body"]["choices"][0]
    return made


def test_refused_answers(openai_emulator: RunningEmulator) -> None:
    refused = choice(openai_emulator, refusal=True)
    assert (refused["finish_reason"], refused["message"]["content"]) == ("stop", None)
    assert "can't help" in refused["message"]["refusal"]


def test_answers_stopped_by_the_filter(openai_emulator: RunningEmulator) -> None:
    stopped = choice(openai_emulator, content_filter=True)
    assert stopped["finish_reason"] == "content_filter"
    assert stopped["content_filter_results"]["violence"] == {"filtered": True, "severity": "medium"}


@pytest.mark.parametrize(
    ("effect", "reason"), [({"finish_reason": "length"}, "length"), ({"broken_json": True}, "stop")]
)
def test_answers_whose_json_is_broken(
    openai_emulator: RunningEmulator, effect: dict[str, Any], reason: str
) -> None:
    broken = choice(openai_emulator, **effect)
    assert broken["finish_reason"] == reason
    with pytest.raises(orjson.JSONDecodeError):
        answer({"response": {"body": {"choices": [broken]}}})


def test_online_answers_can_be_refused(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "chat.completions", "effect": {"refusal": True}})
    completion = client_of(openai_emulator).chat.completions.create(
        model=ONLINE, messages=[{"role": "user", "content": "Hello"}]
    )
    assert completion.choices[0].message.content is None
    assert completion.choices[0].message.refusal


def test_a_filtered_prompt_is_an_error_line(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "request", "effect": {"prompt_filter": True}})
    [line] = lines(openai_emulator, finish(openai_emulator, requests(1)).error_file_id)
    error = line["response"]["body"]["error"]
    assert (line["response"]["status_code"], error["code"]) == (400, "content_filter")
    assert error["type"] is None
    assert error["innererror"]["code"] == "ResponsibleAIPolicyViolation"


def test_skip_times_and_metadata(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults(
        {
            "on": "batches.create",
            "match": {"metadata.batch_id": "^B-[12]$"},
            "skip": 1,
            "times": 2,
            "effect": {"status": 500},
        }
    )
    statuses = []
    for batch_id in ("B-9", "B-1", "B-9", "B-2", "B-1", "B-2"):
        try:
            submit(openai_emulator, requests(1), metadata={"batch_id": batch_id})
        except openai.InternalServerError:
            statuses.append(500)
        else:
            statuses.append(200)
    assert statuses == [200, 200, 200, 500, 500, 200]


def affected(config: EmulatorConfig) -> set[str]:
    """Which of forty requests a random rule affects."""
    with running(config, ManualClock()) as emulator:
        emulator.faults({"on": "request", "probability": 0.3, "times": None, "effect": {"status": 500}})
        job = finish(emulator, requests(40))
        return {line["custom_id"] for line in lines(emulator, job.error_file_id)}


def test_chance_depends_only_on_the_seed(tmp_path: Path) -> None:
    def with_seed(folder: str, seed: int) -> set[str]:
        return affected(EmulatorConfig(data=tmp_path / folder, port=0, job_seconds=60, seed=seed))

    first, again, other = with_seed("a", 1), with_seed("b", 1), with_seed("c", 2)
    assert first == again != other
    assert 4 <= len(first) <= 20


def test_rules_and_their_counts_survive_a_restart(openai_emulator_config: EmulatorConfig) -> None:
    clock = ManualClock()
    with running(openai_emulator_config, clock) as emulator:
        emulator.faults({"on": "files.list", "skip": 1, "times": 2, "effect": {"status": 500}})
        client_of(emulator).files.list()
    with running(openai_emulator_config, clock) as emulator, pytest.raises(openai.InternalServerError):
        client_of(emulator).files.list()
    with running(openai_emulator_config, clock) as emulator:
        with pytest.raises(openai.InternalServerError):
            client_of(emulator).files.list()
        client_of(emulator).files.list()
        emulator.faults({"on": "files.list", "effect": {"status": 500}})
        emulator.clear_faults()
        client_of(emulator).files.list()


@pytest.mark.parametrize(
    "rule",
    [
        {"on": "files.list", "effect": {"staus": 500}},
        {"on": "file.list", "effect": {"status": 500}},
        {"on": "request", "effect": {}, "probability": 2},
    ],
)
def test_a_rule_that_is_misspelt_is_refused(openai_emulator: RunningEmulator, rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        openai_emulator.faults(rule)
    answered = httpx2.post(f"{openai_emulator.url}/emulator/faults", json=[rule])
    assert answered.status_code == 400
