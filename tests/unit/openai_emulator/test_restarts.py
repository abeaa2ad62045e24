"""The state survives: a restart in the same process, and kill -9 of a separate process."""

import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import openai
import orjson
import pytest
from openai.types import Batch

from local.openai_emulator import Deployment, DeploymentType, EmulatorConfig, ManualClock, running
from local.openai_emulator.emulator_store import UnusableFolder
from tests.unit.openai_emulator.client import URL, finish, lines, requests, retrieve, submit

KEY = "emulator-key"


def test_a_job_continues_after_a_restart(openai_emulator_config: EmulatorConfig) -> None:
    clock = ManualClock()
    with running(openai_emulator_config, clock) as emulator:
        job = submit(emulator, requests(40))
        emulator.advance(30)
        half = retrieve(emulator, job).request_counts
        assert half is not None
        assert half.completed == 20
    with running(openai_emulator_config, clock) as emulator:
        assert retrieve(emulator, job).request_counts == half
        emulator.advance(30)
        ended = retrieve(emulator, job)
        ids = [line["custom_id"] for line in lines(emulator, ended.output_file_id)]
        assert sorted(ids) == sorted(f"line-{n}" for n in range(40))
        assert emulator.ledger()["requests"]["charged"] == 40


def test_what_was_written_but_not_counted_is_written_again(openai_emulator_config: EmulatorConfig) -> None:
    """The state after kill -9 between writing bytes and counting them."""
    clock = ManualClock()
    with running(openai_emulator_config, clock) as emulator:
        job = submit(emulator, requests(10))
        emulator.advance(30)
    [output] = [
        path
        for path in (openai_emulator_config.data / "files").iterdir()
        if b'"response"' in path.read_bytes()
    ]
    with output.open("ab") as file:
        file.write(b'{"custom_id": "half a li')
    with running(openai_emulator_config, clock) as emulator:
        emulator.advance(30)
        assert len(lines(emulator, retrieve(emulator, job).output_file_id)) == 10


def test_files_without_a_table_row_are_removed(openai_emulator_config: EmulatorConfig) -> None:
    folder = openai_emulator_config.data / "files"
    with running(openai_emulator_config, ManualClock()) as emulator:
        job = finish(emulator, requests(1))
    kept = {path.name for path in folder.iterdir()}
    assert kept == {job.input_file_id, job.output_file_id, job.error_file_id}
    (folder / "file-stray").write_bytes(b"left")
    with running(openai_emulator_config, ManualClock()):
        assert {path.name for path in folder.iterdir()} == kept


def test_a_second_emulator_on_a_folder_is_refused(openai_emulator_config: EmulatorConfig) -> None:
    with running(openai_emulator_config), pytest.raises(UnusableFolder, match="another emulator"):
        running(openai_emulator_config).__enter__()


def test_a_port_in_use_is_refused(openai_emulator_config: EmulatorConfig, tmp_path: Path) -> None:
    with running(openai_emulator_config) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)):
            running(replace(openai_emulator_config, data=tmp_path / "other", port=port)).__enter__()
        with command("--port", str(port), "--data", str(tmp_path / "third")) as process:
            assert process.wait(20) == 2
            assert process.stderr is not None
            printed = process.stderr.read()
            assert printed == (
                f"Port {port} on 127.0.0.1 cannot be used: Address already in use. "
                "Stop the process that uses it, or give another --port.\n"
            )


@contextmanager
def command(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local.openai_emulator", *arguments], stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def served(process: "subprocess.Popen[str]") -> str:
    """The URL in the log of a process."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"serving on (http://127\.0\.0\.1:\d+)", line):
            return found[1]
    raise AssertionError("the emulator ended before it started to serve")


def test_the_command_line_serves_and_stops_cleanly(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_bytes(orjson.dumps([{"on": "files.list", "effect": {"status": 500}}]))
    options = ["--port", "0", "--data", str(tmp_path / "data"), "--api-key", "k", "--faults", str(faults)]
    more = ["--deployment", "mine=gpt-5:online", "--virtual-clock", "--quirk", "empty_ids"]
    with command(*options, *more) as process:
        url = served(process)
        client = openai.OpenAI(base_url=f"{url}/openai/v1/", api_key="k", max_retries=0)
        with pytest.raises(openai.InternalServerError):
            client.files.list()
        answer = client.chat.completions.create(model="mine", messages=[{"role": "user", "content": "Hello"}])
        assert answer.model == "gpt-5"
        assert httpx2.get(f"{url}/emulator/clock").json()["virtual"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_kills_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    """kill -9 while a job's lines are written: at the end the output is complete and charged once."""
    rng = random.Random(5)
    count, kills = 1200, 2
    job: Batch | None = None
    options = ("--port", "0", "--data", str(tmp_path), "--job-seconds", "0", "--seed", "3")
    for _ in range(kills):
        with command(*options) as process:
            client = openai.OpenAI(base_url=f"{served(process)}/openai/v1/", api_key=KEY)
            job = job or start(client, count)
            wanted = done(client, job) + rng.randint(50, 300)
            while done(client, job) < wanted:
                pass
            process.kill()
    assert job is not None
    with command(*options) as process:
        url = served(process)
        client = openai.OpenAI(base_url=f"{url}/openai/v1/", api_key=KEY)
        while client.batches.retrieve(job.id).status != "completed":
            pass
        output = client.files.content(str(client.batches.retrieve(job.id).output_file_id)).content
        ids = [orjson.loads(line)["custom_id"] for line in output.splitlines()]
        assert sorted(ids) == sorted(f"line-{n}" for n in range(count))
        ledger = httpx2.get(f"{url}/emulator/ledger").json()
        assert ledger["requests"]["charged"] == count
        assert set(ledger["products"]) == {f"P-{n:03d}" for n in range(count)}
        assert all(times == {"de-DE": 1, "en-GB": 1} for times in ledger["products"].values())


def start(client: openai.OpenAI, count: int) -> Batch:
    file = client.files.create(file=("in.jsonl", requests(count), "application/jsonl"), purpose="batch")
    while client.files.retrieve(file.id).status != "processed":
        pass
    return client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h")


def done(client: openai.OpenAI, job: Batch) -> int:
    counts = client.batches.retrieve(job.id).request_counts
    return counts.completed if counts is not None else 0


def test_jobs_on_the_system_clock_end_by_themselves(openai_emulator_config: EmulatorConfig) -> None:
    config = replace(openai_emulator_config, job_seconds=0.05, pending_seconds=0)
    with running(config) as emulator:
        client = openai.OpenAI(base_url=emulator.base_url, api_key=KEY)
        job = start(client, 20)
        while client.batches.retrieve(job.id).status != "completed":
            pass
        assert emulator.ledger()["requests"]["charged"] == 20


def test_virtual_time_does_not_go_back_over_a_restart(openai_emulator_config: EmulatorConfig) -> None:
    with running(openai_emulator_config, ManualClock()) as emulator:
        job = submit(emulator, requests(2))
        emulator.advance(1000)
    with running(openai_emulator_config, ManualClock()) as emulator:
        assert submit(emulator, requests(1)).created_at == job.created_at + 1001


def test_a_running_job_whose_deployment_is_gone_fails(openai_emulator_config: EmulatorConfig) -> None:
    clock = ManualClock()
    with running(openai_emulator_config, clock) as emulator:
        job = submit(emulator, requests(2))
        emulator.advance(30)
    others = (Deployment("other", "gpt-4.1", DeploymentType.BATCH),)
    with running(replace(openai_emulator_config, deployments=others), clock) as emulator:
        failed = retrieve(emulator, job)
        assert failed.status == "failed"
        assert emulator.ledger()["requests"]["charged"] == 1


def test_a_virtual_job_of_thirty_hours(openai_emulator_config: EmulatorConfig) -> None:
    config = replace(openai_emulator_config, job_seconds=30 * 3600)
    with running(config, ManualClock()) as emulator:
        job = finish(emulator, requests(3))
        assert job.completed_at == job.created_at + 30 * 3600
