"""Child processes that never outlive this one. Each has its own group, which `local.watchdog` can end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent

_PATIENCE_SECONDS = 10.0
_LOG_LINES = 15


class ServiceFailed(Exception):
    """A service ended, or did not become ready. The text holds the end of its log."""


class Processes:
    """Starts processes and stops them in reverse order; use as a context manager."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._watchdog: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._watchdog = subprocess.Popen(
            [sys.executable, "-m", "local.watchdog"], stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True
        )
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
            self._watchdog.wait()

    def start(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        is_ready: Callable[[], bool],
        seconds: float = 60,
        folder: Path = ROOT,
    ) -> None:
        """Start a service in `folder` and return when it is ready. Its output goes to `<name>.log`.

        Raises:
            ServiceFailed: when it ends, or is not ready after `seconds`.
        """
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )
        self._running[name] = process
        self._watch(process.pid)
        give_up = time.monotonic() + seconds
        while not is_ready():
            if process.poll() is not None:
                raise self._failure(name, f"ended with exit code {process.returncode}")
            if time.monotonic() > give_up:
                raise self._failure(name, f"was not ready after {seconds:.0f} seconds")
            time.sleep(0.05)

    def check(self) -> None:
        """Check that all services are running.

        Raises:
            ServiceFailed: when a service has ended.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                raise self._failure(name, f"ended with exit code {process.returncode}")

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End a service and its child processes. It is killed when it ignores the signal for 10 seconds."""
        process = self._running.pop(name)
        _signal_group(process, number)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _watch(self, group: int) -> None:
        if self._watchdog is None or self._watchdog.stdin is None:
            raise RuntimeError("Processes can be started only inside its `with` block.")
        self._watchdog.stdin.write(f"{group}\n".encode())
        self._watchdog.stdin.flush()

    def _failure(self, name: str, what: str) -> ServiceFailed:
        tail = self.log(name).read_text(errors="replace").splitlines()[-_LOG_LINES:]
        lines = "".join(f"\n  {line}" for line in tail)
        return ServiceFailed(f"The {name} {what}. The end of {self.log(name)}:{lines}")


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
