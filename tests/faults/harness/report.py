"""The report of the runs: writes the page `docs/faults.md`."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tests.faults.harness.ends import End
from tests.faults.harness.matrix import Case
from tests.faults.harness.modes import Mode
from tests.faults.harness.points import Fault
from tests.faults.harness.scenarios import SCENARIOS

_PAGE = (Path(__file__).parent / "page.md").read_text(encoding="utf-8")


@dataclass
class Report:
    """Counts the runs by point and fault."""

    mode: Mode
    seed: str
    commit: str
    possible: int = 0
    runs: Counter[tuple[str, str, Fault]] = field(default_factory=Counter)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    duplicated: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: int = 0
    total: int = 0
    bad: list[str] = field(default_factory=list)

    def add(self, case: Case, end: End, struck: bool) -> None:
        """Count a run in which a fault was injected. A run without one proves nothing and is left out."""
        if not struck:
            return
        self.total += 1
        if not end.good:
            self.bad.append(f"{case}: {end}")
        if len(case.faults) > 1:
            self.pairs += 1
        for point, fault in case.faults:
            place = (point.step, point.call)
            self.lost[place] += end.lost
            self.duplicated[place] += end.duplicated
            if len(case.faults) == 1:
                self.runs[*place, fault] += 1

    def page(self, before: str, on: date) -> str:
        """Returns the page in Markdown.

        The mode `files` rewrites the whole page, which shows its points. Any other mode replaces only
        its own line in the page `before`.
        """
        lines = {mode: _line(mode, before) for mode in Mode}
        ends = (sum(self.lost.values()), sum(self.duplicated.values()), len(self.bad))
        played = f"{self.total:,} of {self.possible:,}, {self.seed} at {self.commit}, {on}"
        lines[self.mode] = " | ".join((f"| {self.mode}", played, *map(str, ends))) + " |"
        if self.mode != Mode.FILES:
            return before.replace(_line(self.mode, before), lines[self.mode])
        results = "\n".join(lines.values())
        scenarios = ", ".join(f'"{scenario.name}"' for scenario in SCENARIOS)
        return _PAGE.format(results=results, scenarios=scenarios, pairs=self.pairs, table=self._table())

    def _table(self) -> str:
        faults = list(Fault)
        lines = [
            "| step | call | " + " | ".join(faults) + " | runs | lost | duplicated |",
            "|---|---|" + "---:|" * (len(faults) + 3),
        ]
        places = sorted({(step, call) for step, call, _ in self.runs})
        for place in places:
            counts = [self.runs[*place, fault] for fault in faults]
            cells = [str(count or "") for count in counts]
            ends = [sum(counts), self.lost[place], self.duplicated[place]]
            lines.append(f"| {place[0]} | {place[1]} | {' | '.join(cells + list(map(str, ends)))} |")
        return "\n".join(lines)


def _line(mode: Mode, page: str) -> str:
    """The line of a page that belongs to a mode."""
    return next(line for line in page.splitlines() if line.startswith(f"| {mode} | "))
