"""Concurrent calls and large files: quotas hold, no upload is mixed up, memory stays small."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import openai
import orjson

from local.openai_emulator import EmulatorConfig, ManualClock, running
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.file_records import Upload
from local.openai_emulator.list_queries import ListQuery
from tests.unit.openai_emulator.client import URL, client_of, request, requests, upload


def test_concurrent_creates_respect_the_quota(openai_emulator_config: EmulatorConfig) -> None:
    config = replace(openai_emulator_config, token_limit=3 * 162)
    with running(config, ManualClock()) as emulator:
        file = upload(emulator, requests(1))
        client = client_of(emulator)

        def create(_: int) -> str:
            try:
                return client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h").id
            except openai.BadRequestError as error:
                return str(error.code)

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(create, range(24)))
        assert results.count("token_limit_exceeded") == 21
        assert len(set(results)) == 4
        assert emulator.ledger()["enqueued_tokens"] <= config.token_limit


def test_concurrent_uploads_respect_the_quota(openai_emulator_config: EmulatorConfig) -> None:
    config = replace(openai_emulator_config, max_files_without_expiry=5)
    with running(config, ManualClock()) as emulator:
        client = client_of(emulator)

        def send(number: int) -> bool:
            file = (f"{number}.jsonl", requests(number + 1), "application/jsonl")
            try:
                client.files.create(file=file, purpose="batch")
            except openai.BadRequestError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(send, range(20))) == 5
        assert all(
            file.bytes == len(requests(int(file.filename.removesuffix(".jsonl")) + 1))
            for file in client.files.list()
        )


def peak_of(folder: Path, count: int) -> int:
    """The peak of bytes in use while a job of `count` requests is read, run and written."""
    config = EmulatorConfig(data=folder, port=0, job_seconds=1, pending_seconds=0)
    emulator = Emulator(config, ManualClock())
    path = emulator.store.incoming_path("in")
    line = orjson.dumps(request(0, response_format=None, max_tokens=1)) + b"\n"
    with path.open("wb") as file:
        for number in range(count):
            file.write(line.replace(b'"line-0"', f'"line-{number}"'.encode()))
    try:
        tracemalloc.start()
        created = emulator.files.create(Upload(path, "in.jsonl", path.stat().st_size, None), {})
        emulator.catch_up()
        emulator.batches.create({"input_file_id": created["id"], "endpoint": URL, "completion_window": "24h"})
        emulator.advance(1)
        [job], _ = emulator.batches.page(ListQuery())
        assert job["request_counts"] == {"total": count, "completed": count, "failed": 0}
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        emulator.stop()


def test_memory_grows_by_a_few_bytes_a_request(tmp_path: Path) -> None:
    peak_of(tmp_path / "warm", 10)
    small, large = peak_of(tmp_path / "small", 200), peak_of(tmp_path / "large", 4200)
    # For each request an offset and a hash of its custom_id, but not the 400 bytes of its line.
    assert (large - small) / 4000 < 150
