"""Several emulated resources on one clock, used as one: ledgers are added up, faults are set at each."""

from collections import Counter
from typing import Any

from local.openai_emulator import Rule
from tests.world import Emulator


class Resources:
    """Has the calls of `Emulator`. Its address is that of the first resource."""

    def __init__(self, *emulators: Emulator) -> None:
        self._emulators = emulators
        self.url = emulators[0].url

    def ledger(self, products: bool = True) -> dict[str, Any]:
        """All ledgers as one: amounts are added, jobs are listed one after another."""
        ledgers = [each.ledger(products) for each in self._emulators]
        answered: dict[str, Counter[str]] = {}
        for ledger in ledgers:
            for name, locales in ledger.get("products", {}).items():
                answered.setdefault(name, Counter()).update(locales)
        return {
            "jobs": [job for ledger in ledgers for job in ledger["jobs"]],
            "files": dict(sum((Counter(ledger["files"]) for ledger in ledgers), Counter())),
            "enqueued_tokens": sum(ledger["enqueued_tokens"] for ledger in ledgers),
            "products": {name: dict(locales) for name, locales in answered.items()},
        }

    def journal(self, call: str | None = None) -> list[dict[str, Any]]:
        """The journals, one after another."""
        return [entry for each in self._emulators for entry in each.journal(call)]

    def faults(self, *rules: Rule | dict[str, Any]) -> None:
        for each in self._emulators:
            each.faults(*rules)

    def clear_faults(self) -> None:
        for each in self._emulators:
            each.clear_faults()

    def advance(self, seconds: float) -> None:
        """Move the common clock on. Each resource does what is due."""
        first, *others = self._emulators
        first.advance(seconds)
        for other in others:
            other.advance(0)
