"""The lifecycle of a job: states and their times, results, charges, cancelling and expiring."""

import orjson
import pytest

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import (
    FORTNIGHT,
    answer,
    client_of,
    finish,
    lines,
    request,
    requests,
    retrieve,
    submit,
    upload,
)


def test_a_file_is_pending_before_it_is_processed(openai_emulator: RunningEmulator) -> None:
    client = client_of(openai_emulator)
    created = client.files.create(file=("in.jsonl", requests(1), "application/jsonl"), purpose="batch")
    assert created.to_dict()["status"] == "pending"  # Azure's own state, unknown to the SDK
    openai_emulator.advance(0.5)
    assert client.files.retrieve(created.id).to_dict()["status"] == "pending"
    openai_emulator.advance(0.5)
    assert client.files.retrieve(created.id).status == "processed"


def test_the_states_of_a_job_and_their_times(openai_emulator: RunningEmulator) -> None:
    job = submit(openai_emulator, requests(8), metadata={"batch_id": "B-1"})
    states = [(job.status, 0)]
    for _ in range(10):
        openai_emulator.advance(6)
        now = retrieve(openai_emulator, job)
        assert now.request_counts is not None
        states.append((now.status, now.request_counts.completed))
    assert states == [
        ("validating", 0),
        ("in_progress", 0),
        ("in_progress", 1),
        ("in_progress", 2),
        ("in_progress", 3),
        ("in_progress", 4),
        ("in_progress", 5),
        ("in_progress", 6),
        ("in_progress", 7),
        ("finalizing", 8),
        ("completed", 8),
    ]
    ended = retrieve(openai_emulator, job)
    start = ended.created_at
    assert (ended.in_progress_at, ended.finalizing_at, ended.completed_at) == (
        start + 6,
        start + 54,
        start + 60,
    )
    assert (ended.failed_at, ended.cancelled_at, ended.expired_at, ended.errors) == (None, None, None, None)
    assert ended.metadata == {"batch_id": "B-1"}
    assert ended.expires_at == start + 86_400


def test_every_request_is_answered_once_in_another_order(openai_emulator: RunningEmulator) -> None:
    job = finish(openai_emulator, requests(40))
    ids = [line["custom_id"] for line in lines(openai_emulator, job.output_file_id)]
    assert sorted(ids) == sorted(f"line-{number}" for number in range(40))
    assert ids != sorted(ids, key=lambda each: int(each.removeprefix("line-")))
    ledger = openai_emulator.ledger()
    assert ledger["products"] == {f"P-{n:03d}": {"de-DE": 1, "en-GB": 1} for n in range(40)}
    assert ledger["requests"]["charged"] == 40


def test_a_completed_job_names_an_empty_error_file(openai_emulator: RunningEmulator) -> None:
    job = finish(openai_emulator, requests(2))
    assert lines(openai_emulator, job.error_file_id) == []
    assert client_of(openai_emulator).files.retrieve(str(job.error_file_id)).bytes == 0


def test_a_job_in_which_all_fail_is_completed_without_an_output_file(
    openai_emulator: RunningEmulator,
) -> None:
    openai_emulator.faults({"on": "request", "effect": {"status": 500}, "times": None})
    job = finish(openai_emulator, requests(3))
    assert (job.status, job.output_file_id) == ("completed", None)
    assert job.request_counts is not None
    assert (job.request_counts.completed, job.request_counts.failed) == (0, 3)
    failed = lines(openai_emulator, job.error_file_id)
    assert [line["response"]["status_code"] for line in failed] == [500, 500, 500]
    assert openai_emulator.ledger()["requests"]["charged"] == 0


def test_token_counts_are_those_of_the_lines(openai_emulator: RunningEmulator) -> None:
    job = finish(openai_emulator, requests(5))
    usages = [line["response"]["body"]["usage"] for line in lines(openai_emulator, job.output_file_id)]
    entry = openai_emulator.ledger()["jobs"][0]
    assert entry["tokens_charged_in"] == entry["tokens_enqueued"] == sum(u["prompt_tokens"] for u in usages)
    assert entry["tokens_charged_out"] == sum(u["completion_tokens"] for u in usages)
    assert all(u["total_tokens"] == u["prompt_tokens"] + u["completion_tokens"] for u in usages)
    assert entry["tokens_charged_in"] > 5 * 50


def test_the_same_input_gives_the_same_answers(openai_emulator: RunningEmulator) -> None:
    answers = []
    for _ in range(2):
        job = finish(openai_emulator, requests(3))
        answers.append({n["custom_id"]: answer(n) for n in lines(openai_emulator, job.output_file_id)})
    assert answers[0] == answers[1]
    texts = [orjson.dumps(each) for each in answers[0].values()]
    assert len(set(texts)) == 3


@pytest.mark.parametrize(("passed", "ran"), [(0, 0), (24, 3), (54, 8)])
def test_cancelling_keeps_and_charges_what_was_finished(
    openai_emulator: RunningEmulator, passed: int, ran: int
) -> None:
    job = submit(openai_emulator, requests(8))
    openai_emulator.advance(passed)
    cancelled = client_of(openai_emulator).batches.cancel(job.id)
    assert cancelled.status == "cancelling"
    openai_emulator.advance(9)
    assert retrieve(openai_emulator, job).status == "cancelling"
    openai_emulator.advance(1)
    ended = retrieve(openai_emulator, job)
    assert (ended.status, ended.cancelled_at) == ("cancelled", job.created_at + passed + 10)
    assert openai_emulator.ledger()["requests"]["charged"] == ran
    assert openai_emulator.ledger()["enqueued_tokens"] == 0
    if passed == 0:
        assert (ended.output_file_id, ended.error_file_id) == (None, None)
        return
    done = {line["custom_id"] for line in lines(openai_emulator, ended.output_file_id)}
    unrun = lines(openai_emulator, ended.error_file_id)
    assert len(done) == ran
    assert done | {line["custom_id"] for line in unrun} == {f"line-{n}" for n in range(8)}
    assert all(n["response"] is None and n["error"]["code"] == "batch_cancelled" for n in unrun)


def test_an_expired_job_returns_what_it_finished(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "job", "effect": {"expire_at": 0.5}})
    job = finish(openai_emulator, requests(8))
    assert (job.status, job.expired_at) == ("expired", job.created_at + 30)
    assert len(lines(openai_emulator, job.output_file_id)) == 4
    unrun = lines(openai_emulator, job.error_file_id)
    assert {line["error"]["code"] for line in unrun} == {"batch_expired"}
    assert len(unrun) == 4


def test_a_job_may_be_told_to_fail_while_it_runs(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "job", "effect": {"fail_at": 0.5, "code": "lost", "message": "It broke."}})
    job = finish(openai_emulator, requests(8))
    assert (job.status, job.failed_at) == ("failed", job.created_at + 30)
    assert job.errors is not None
    assert job.errors.data is not None
    assert [(error.code, error.message) for error in job.errors.data] == [("lost", "It broke.")]


def test_slow_jobs_and_late_names_of_output_files(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "job", "effect": {"job_seconds": 108_000, "output_delay": 30}})
    job = submit(openai_emulator, requests(2))
    openai_emulator.advance(107_999)
    assert retrieve(openai_emulator, job).status == "finalizing"
    openai_emulator.advance(1)
    ended = retrieve(openai_emulator, job)
    assert (ended.status, ended.output_file_id, ended.error_file_id) == ("completed", None, None)
    openai_emulator.advance(30)
    assert len(lines(openai_emulator, retrieve(openai_emulator, job).output_file_id)) == 2


@pytest.mark.parametrize("passed", [0, 20])
def test_the_input_may_be_deleted_while_its_job_runs(openai_emulator: RunningEmulator, passed: int) -> None:
    job = submit(openai_emulator, requests(3))
    openai_emulator.advance(passed)
    client_of(openai_emulator).files.delete(job.input_file_id)
    openai_emulator.advance(60 - passed)
    assert len(lines(openai_emulator, retrieve(openai_emulator, job).output_file_id)) == 3
    assert openai_emulator.ledger()["files"] == {"uploaded": 1, "written": 2, "deleted": 1, "present": 2}
    assert not (openai_emulator.config.data / "files" / job.input_file_id).exists()


def test_files_expire_and_so_do_outputs(openai_emulator: RunningEmulator) -> None:
    file = upload(openai_emulator, requests(1), expires_after={"anchor": "created_at", "seconds": FORTNIGHT})
    assert file.expires_at == file.created_at + FORTNIGHT
    client = client_of(openai_emulator)
    job = client.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        output_expires_after={"anchor": "created_at", "seconds": FORTNIGHT},
    )
    openai_emulator.advance(60)
    ended = client.batches.retrieve(job.id)
    output = client.files.retrieve(str(ended.output_file_id))
    assert output.expires_at == output.created_at + FORTNIGHT
    assert output.created_at == ended.completed_at
    openai_emulator.advance(FORTNIGHT - 61)
    assert {each.id for each in client.files.list()} == {output.id, ended.error_file_id}
    openai_emulator.advance(61)
    assert list(client.files.list()) == []
    assert openai_emulator.ledger()["files"]["present"] == 0


def test_a_request_without_a_schema_gets_text(openai_emulator: RunningEmulator) -> None:
    job = finish(openai_emulator, orjson.dumps(request(1, response_format=None)))
    [line] = lines(openai_emulator, job.output_file_id)
    assert line["response"]["body"]["choices"][0]["message"]["content"].startswith("[emulated]")
