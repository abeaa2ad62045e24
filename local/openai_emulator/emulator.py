"""The emulator without HTTP: all its parts over one data folder and one clock.

The HTTP layer and tests in the same process both stand on this.
"""

from typing import Any

from local.openai_emulator.batches import Batches
from local.openai_emulator.clock import Clock, SystemClock
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.faults import Faults
from local.openai_emulator.files import Files
from local.openai_emulator.journal import Journal
from local.openai_emulator.ledger import Ledger
from local.openai_emulator.online import Online
from local.openai_emulator.store import Store
from local.openai_emulator.worker import Worker


class Emulator:
    """Owns the store and the worker: `start` and `stop` them."""

    def __init__(self, config: EmulatorConfig, clock: Clock | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.store = Store(config.data)
        self.faults = Faults(self.store, config.seed)
        self.journal = Journal(self.store, self.clock)
        self.files = Files(config, self.store, self.clock)
        self.batches = Batches(config, self.store, self.clock, self.files, self.faults)
        self.ledger = Ledger(config, self.store, self.clock, self.batches)
        self.online = Online(config, self.store, self.clock)
        self.worker = Worker(config, self.store, self.clock, self.files, self.batches, self.faults)

    def start(self) -> None:
        self.worker.start()

    def stop(self) -> None:
        self.worker.stop()
        self.store.close()

    def settle(self) -> None:
        """On a virtual clock: do all that is due by now, so that what is asked next is up to date."""
        if self.clock.virtual:
            self.worker.catch_up()

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move a virtual clock on and do what becomes due; raises TypeError on the system clock."""
        advance = getattr(self.clock, "advance", None)
        if advance is None:
            raise TypeError("this emulator runs on the system clock, which nobody can move")
        self.settle()
        advance(seconds)
        self.settle()
        return {"now": self.clock.now(), "virtual": True}
