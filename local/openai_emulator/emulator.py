"""The emulator without HTTP: all its parts, with one data folder and one clock.

The HTTP layer uses it, and so do tests in the same process.
"""

from typing import Any

from local.openai_emulator.batches_api import Batches
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_clock import Clock, ManualClock, SystemClock
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.faults import Faults
from local.openai_emulator.files import Files
from local.openai_emulator.job_lines import JobLines
from local.openai_emulator.job_worker import Worker
from local.openai_emulator.jobs import Job
from local.openai_emulator.journal import Journal
from local.openai_emulator.ledger import Ledger
from local.openai_emulator.lifecycle import Lifecycle
from local.openai_emulator.online_completions import Online
from local.openai_emulator.own_storage import OwnStorage
from local.openai_emulator.webhook_delivery import Webhooks


class Emulator:
    """Owns the store and the worker. Call `start` once and `stop` at the end."""

    def __init__(self, config: EmulatorConfig, clock: Clock | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.store = Store(config.data)
        self.faults = Faults(self.store, config.seed)
        self.journal = Journal(self.store, self.clock)
        self.files = Files(config, self.store, self.clock)
        storage = OwnStorage(config.storage_connection_string)
        self.batches = Batches(config, self.store, self.clock, self.files, self.faults, storage)
        self.ledger = Ledger(config, self.store, self.clock, self.batches)
        self.online = Online(config, self.store, self.clock)
        self.webhooks = Webhooks(config, self.store, self.clock, self.faults)
        self._lifecycle = Lifecycle(config, self.store, self.files, self.batches, storage, self.webhooks)
        self.worker = Worker(config, self.clock, self.files, self.batches, self._lifecycle, self._lines)

    def start(self) -> None:
        """Continue from the state in the data folder."""
        if isinstance(self.clock, ManualClock):
            self._resume(self.clock)
        self.files.remove_strays()
        self._lifecycle.fail_orphans(self.clock.now())
        self.worker.start()
        self.webhooks.start()

    def stop(self) -> None:
        self.worker.stop()
        self.webhooks.stop()
        self.store.close()

    def catch_up(self) -> None:
        """On a virtual clock, do everything that is due, so that the next call sees the current state."""
        if self.clock.virtual:
            self.worker.catch_up()

    def advance(self, seconds: float) -> dict[str, Any]:
        """Advance a virtual clock and do everything that becomes due.

        Raises:
            TypeError: when the emulator runs on the system clock.
            ValueError: when `seconds` is negative.
        """
        if not isinstance(self.clock, ManualClock):
            raise TypeError("this emulator runs on the system clock; only a ManualClock can be advanced")
        self.catch_up()
        self.clock.advance(seconds)
        self.store.execute("INSERT OR REPLACE INTO virtual_clock VALUES (1, ?)", (self.clock.now(),))
        self.catch_up()
        self.webhooks.deliver()
        return {"now": self.clock.now(), "virtual": True}

    def _resume(self, clock: ManualClock) -> None:
        """Set the clock to its time before the restart, so that virtual time never goes back."""
        row = self.store.row("SELECT now FROM virtual_clock")
        if row is not None:
            clock.advance(max(row["now"] - clock.now(), 0))

    def _lines(self, job: Job) -> JobLines:
        return JobLines(self.config, self.store, self.faults, self.batches, job, self.clock.virtual)
