"""The manifest of a batch in memory: the bytes of its lines, each parsed when it is needed.

A batch of 14,000 products takes 20 MB this way. As models it would take ten times as much.
A line that cannot be read is logged and left out: its requests count as unknown, and the clean-up timer frees
its product when the batch has ended.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import orjson

from shared.domain.errors import UnreadableRow
from shared.domain.outcome import ManifestLine
from shared.persistence.stored_lines import read_line


class Manifest(Mapping[int, ManifestLine]):
    """Manifest lines by number, in the order of the file. `name` is the file's, for the log."""

    def __init__(self, lines: Iterable[bytes], name: str = "the manifest") -> None:
        self._name = name
        self._lines: dict[int, bytes] = {}
        self._unreadable: set[int] = set()
        # Mostly, the requests of a product follow one another.
        self._read = lru_cache(maxsize=256)(self._parse)
        for position, line in enumerate(lines):
            number = _number_of(line)
            if number is None:
                logging.error("%s", UnreadableRow(f"line {position + 1} of {name}", "no number").message)
            else:
                self._lines[number] = line

    def __getitem__(self, line: int) -> ManifestLine:
        """A line.

        Raises:
            KeyError: when there is no such line, or it cannot be read.
        """
        return self._read(line)

    def _parse(self, line: int) -> ManifestLine:
        try:
            return read_line(ManifestLine, self._lines[line], self._name)
        except UnreadableRow as error:
            if line not in self._unreadable:
                logging.error("%s", error.message)
                self._unreadable.add(line)
            raise KeyError(line) from error

    def __iter__(self) -> Iterator[int]:
        """The numbers of the lines that can be read."""
        return (line for line in self._lines if line in self)

    def __len__(self) -> int:
        return len(self._lines)


def _number_of(line: bytes) -> int | None:
    try:
        number = orjson.loads(line)["line"]
    except (ValueError, TypeError, KeyError):
        return None
    return number if isinstance(number, int) else None
