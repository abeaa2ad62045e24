"""An emulator in a process of its own, on a virtual clock. It can be killed."""

import signal
import sys
from pathlib import Path
from typing import Any

import httpx2

from local.network import free_ports, listens
from local.openai_emulator import ManualClock, Rule
from local.processes import Processes

_NAME = "openai-emulator"
_PATIENCE_SECONDS = 60


class EmulatorProcess:
    """The process starts with the object. `clock` shows its time, continued from the data folder.

    `storage` is the connection string for jobs that read and write blobs; empty without them.
    """

    def __init__(self, processes: Processes, data: Path, job_seconds: float, storage: str = "") -> None:
        [port] = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._processes = processes
        self._port = port
        self._options = ["--port", str(port), "--data", str(data), "--job-seconds", str(job_seconds)]
        self._options += ["--storage-connection-string", storage] if storage else []
        self.start()
        self.clock = ManualClock(self._call("GET", "clock")["now"])
        self.advance(1)  # stores the time in the data folder

    def start(self) -> None:
        """Start the process over its folder."""
        command = [sys.executable, "-m", "local.openai_emulator", "--virtual-clock", *self._options]
        self._processes.start(_NAME, command, {}, lambda: listens(self._port))

    def stop(self, number: signal.Signals) -> None:
        """End the process with a signal."""
        self._processes.stop(_NAME, number)

    def ledger(self, products: bool = True) -> dict[str, Any]:
        """See `Ledger.read`."""
        return self._call("GET", f"ledger?products={str(products).lower()}")

    def journal(self, call: str | None = None) -> list[dict[str, Any]]:
        """See `Journal.read`."""
        journal = self._call("GET", f"journal?call={call}" if call else "journal")
        entries: list[dict[str, Any]] = journal["entries"]
        return entries

    def faults(self, *rules: Rule | dict[str, Any]) -> None:
        """Add fault rules behind the present ones."""
        self._call("POST", "faults", [Rule.model_validate(rule).model_dump(mode="json") for rule in rules])

    def clear_faults(self) -> None:
        self._call("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        """Move both clocks on. The emulator does everything that becomes due."""
        now = self._call("POST", "clock", {"advance": seconds})["now"]
        self.clock.advance(max(0.0, now - self.clock.now()))

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        url = f"{self.url}/emulator/{path}"
        answer = httpx2.request(method, url, json=body, timeout=_PATIENCE_SECONDS, trust_env=False)
        answer.raise_for_status()
        answered: dict[str, Any] = answer.json()
        return answered
