"""Random commands, faults and kill -9 against an emulator in its own process, then a complete audit.

`python -m tests.contract.soak --seconds 600 --seed 1`; the test suite runs a short one.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson

from local.network import free_ports
from tests.contract.account import Account, all_jobs
from tests.unit.openai_emulator.client import BATCH, FORTNIGHT, URL, jsonl, request

KEY = "emulator-key"
FAULTS = [
    {"on": on, "times": None, "probability": 0.05, "effect": effect}
    for on, effect in (
        ("files.create", {"drop": "before"}),
        ("files.create", {"drop": "after"}),
        ("batches.create", {"status": 429}),
        ("batches.create", {"drop": "after"}),
        ("batches.retrieve", {"status": 500}),
        ("request", {"status": 500}),
        ("request", {"content_filter": True}),
    )
]


class Soak:
    """An emulator in its own process, and the client that calls and kills it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._rng = random.Random(seed)
        self._folder = folder
        self._port = free_ports(1)[0]
        self._url = f"http://127.0.0.1:{self._port}"
        self.client = openai.OpenAI(base_url=f"{self._url}/openai/v1/", api_key=KEY, max_retries=0)
        self._process: subprocess.Popen[bytes] | None = None
        self.account = Account()
        self.kills = 0

    def run(self, seconds: float) -> None:
        """Send random commands, and kill the emulator at random times."""
        faults = self._folder / "faults.json"
        faults.write_bytes(orjson.dumps(FAULTS))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._start("--faults", str(faults))
            # Kill from another thread, so that it happens during calls.
            killer = threading.Timer(self._rng.uniform(0.05, 1.2), self._kill)
            killer.start()
            while killer.is_alive():
                self._command()
            self.kills += 1

    def finish(self) -> dict[str, Any]:
        """Wait until all jobs have ended, and return the ledger."""
        self._start()
        httpx2.delete(f"{self._url}/emulator/faults")
        while any(
            job.status in ("validating", "in_progress", "finalizing", "cancelling")
            for job in all_jobs(self.client)
        ):
            time.sleep(0.05)
        ledger: dict[str, Any] = httpx2.get(f"{self._url}/emulator/ledger", timeout=60).json()
        return ledger

    def stop(self) -> None:
        self._kill()
        self.client.close()

    def _command(self) -> None:
        name = self._rng.choice(("upload", "create", "create", "retrieve", "cancel", "delete"))
        try:
            getattr(self, f"_{name}")()
        except openai.APIError as error:
            self.account.broken[f"{name}: {type(error).__name__}"] += 1

    def _upload(self) -> None:
        ids = [self._rng.randbytes(6).hex() for _ in range(self._rng.choice((1, 5, 40, 400)))]
        content = jsonl(request(n, model=BATCH) | {"custom_id": each} for n, each in enumerate(ids))
        # The quota of files with an expiry is larger.
        created = self.client.files.create(
            file=("in.jsonl", content, "application/jsonl"),
            purpose="batch",
            expires_after={"anchor": "created_at", "seconds": FORTNIGHT},
        )
        self.account.uploads[created.id] = ids

    def _create(self) -> None:
        files = [each for each in self.account.uploads if each not in self.account.deleting]
        if not files:
            return
        file_id, number = self._rng.choice(files), str(len(self.account.sent))
        self.account.sent.add(number)
        job = self.client.batches.create(
            input_file_id=file_id,
            endpoint=URL,
            completion_window="24h",
            metadata={"n": number},
            output_expires_after={"anchor": "created_at", "seconds": FORTNIGHT},
        )
        self.account.jobs[job.id] = file_id

    def _retrieve(self) -> None:
        if self.account.jobs:
            self.client.batches.retrieve(self._rng.choice(list(self.account.jobs)))

    def _cancel(self) -> None:
        if self.account.jobs and self._rng.random() < 0.3:
            self.client.batches.cancel(self._rng.choice(list(self.account.jobs)))

    def _delete(self) -> None:
        files = [each for each in self.account.uploads if each not in self.account.deleting]
        if files and self._rng.random() < 0.2:
            file_id = self._rng.choice(files)
            self.account.deleting.add(file_id)
            self.client.files.delete(file_id)
            self.account.deleted.add(file_id)

    def _start(self, *more: str) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "local.openai_emulator", "--port", str(self._port)),
                *("--data", str(self._folder / "data"), "--job-seconds", "0.3", "--pending-seconds", "0"),
                *more,
            ],
            stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                httpx2.get(f"{self._url}/emulator/clock")
            except httpx2.TransportError:
                assert self._process.poll() is None, "the emulator does not start"
                time.sleep(0.02)
            else:
                return

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def soak(folder: Path, seconds: float, seed: int) -> str:
    """Run the soak and the audit. Returns a summary.

    Raises:
        AssertionError: when something is lost or duplicated.
    """
    played = Soak(folder, seed)
    try:
        played.run(seconds)
        ledger = played.finish()
        played.account.audit(played.client, ledger)
    finally:
        played.stop()
    ends = Counter(job["status"] for job in ledger["jobs"])
    charged, broken = ledger["requests"]["charged"], dict(played.account.broken)
    return (
        f"{played.kills} kills, {len(played.account.uploads)} uploads, {len(ledger['jobs'])} jobs "
        f"{dict(ends)}, {charged} requests charged, broken calls {broken}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{soak(Path(folder), options.seconds, options.seed)}\n")


if __name__ == "__main__":
    main()
