"""The loop around conditional writes, without storage: a cell whose version other writers may change."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.persistence.read_modify_write import (
    MAX_ATTEMPTS,
    ConcurrentUpdate,
    read_modify_write,
    retry_conflicts,
)


@dataclass
class Cell:
    """A number with a version. `rival` runs between each read and the write that follows it."""

    number: int = 0
    version: int = 0
    rival: Callable[["Cell"], None] = lambda _: None
    reads: int = 0

    def read(self) -> tuple[int, int]:
        self.reads += 1
        found = (self.number, self.version)
        self.rival(self)
        return found

    def write(self, before: tuple[int, int], after: int) -> bool:
        if before[1] != self.version:
            return False
        self.number, self.version = after, self.version + 1
        return True

    def add(self, amount: int) -> str:
        return read_modify_write(
            "The cell", self.read, lambda found: ("added", found[0] + amount), self.write
        )


def rival_for(times: int) -> Callable[[Cell], None]:
    """Another writer, which adds 100 at the first `times` reads."""

    def rival(cell: Cell) -> None:
        if cell.reads <= times:
            cell.number, cell.version = cell.number + 100, cell.version + 1

    return rival


def test_an_update_without_rivals_reads_and_writes_once() -> None:
    cell = Cell()
    assert cell.add(1) == "added"
    assert (cell.number, cell.reads) == (1, 1)


@pytest.mark.parametrize("times", [1, 7, MAX_ATTEMPTS - 1])
def test_an_update_that_loses_some_attempts_keeps_the_rivals_updates(times: int) -> None:
    cell = Cell(rival=rival_for(times))
    cell.add(1)
    assert (cell.number, cell.reads) == (100 * times + 1, times + 1)


def test_an_update_that_loses_every_attempt_names_the_row() -> None:
    cell = Cell(rival=rival_for(MAX_ATTEMPTS))
    with pytest.raises(ConcurrentUpdate, match=r"^The cell kept changing: .* 50 attempts"):
        cell.add(1)
    assert (cell.number, cell.reads) == (100 * MAX_ATTEMPTS, MAX_ATTEMPTS)


def test_a_change_that_has_nothing_to_write_writes_nothing() -> None:
    cell = Cell(number=7)
    assert read_modify_write("The cell", cell.read, lambda found: (found[0], None), cell.write) == 7
    assert cell.version == 0


def test_a_result_that_is_none_is_a_result() -> None:
    cell = Cell()
    assert read_modify_write("The cell", cell.read, lambda _: (None, 5), cell.write) is None
    assert (cell.number, cell.reads) == (5, 1)


def test_attempts_end_with_the_first_result() -> None:
    results = iter([None, None, "stored"])
    assert retry_conflicts("Product p", lambda: next(results)) == "stored"
