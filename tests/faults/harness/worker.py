"""Runs one activity at a time as an orchestration does, and starts a new process after a kill."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
from azure.core.exceptions import AzureError

from shared.batching.current_build import BuildLost
from shared.batching.submission_lease import LeaseLost
from shared.openai_batch.remote_errors import RemoteError
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.persistence.storage_account import StorageAccount
from shared.services import Services
from tests.faults.harness.points import Injector, Killed
from tests.faults.harness.seams import Process
from tests.world import World

# Errors that a step may raise when a service fails. Any other error is a bug and ends the test.
_EXPECTED = (
    AzureError,
    httpx2.TransportError,
    RemoteError,
    LeaseLost,
    BuildLost,
    ConcurrentUpdate,
)
_TRIES = 3


class Lost(Exception):
    """An orchestration failed or was killed. The reconciler starts it again."""


@dataclass
class Worker:
    """The app over a world's storage and emulator. After a kill, a new process is started."""

    world: World
    injector: Injector = field(default_factory=Injector)
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._account = StorageAccount(self.world.settings)
        self._start()

    @property
    def services(self) -> Services:
        return self._process.services

    def arm(self, injector: Injector) -> None:
        """Start a new process, which meets this injector's faults."""
        self.injector = injector
        self._start()

    def _call(self, step: str, activity: Callable[..., Any], *arguments: Any) -> Any:
        """Run an activity with the retries of its orchestration."""
        for _ in range(_TRIES - 1):
            try:
                return self._once(step, activity, *arguments)
            except Lost:
                self.world.emulator.advance(5)
        return self._once(step, activity, *arguments)

    def _once(self, step: str, activity: Callable[..., Any], *arguments: Any) -> Any:
        self.injector.step = step
        self.injector.again = lambda: self._second(step, activity, *arguments)
        try:
            return activity(self.services, *arguments)
        except Killed:
            self.messages.append(f"{step}: killed")
            self._start()
            raise Lost from None
        except _EXPECTED as error:
            self.messages.append(f"{step}: {type(error).__name__} {error}")
            raise Lost from error
        finally:
            self.injector.step = None

    def _second(self, step: str, activity: Callable[..., Any], *arguments: Any) -> None:
        """Run the same activity as another worker, after every lease of the first has expired."""
        self.injector.step = None
        self.world.emulator.advance(self.world.settings.submit_lease_seconds + 1)
        other = Process(self.world.settings, self._account, self.injector)
        try:
            activity(other.services, *arguments)
        except _EXPECTED as error:
            self.messages.append(f"second {step}: {type(error).__name__} {error}")
        finally:
            self.injector.step = step

    def _start(self) -> None:
        """A new process, with nothing in its memory."""
        self._process = Process(self.world.settings, self._account, self.injector)
