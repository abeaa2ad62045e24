"""What a batch sent, by manifest line: kept as the bytes of the file, and read line by line when asked.

A batch of 14,000 products takes 20 MB so; as models it would take ten times that.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import orjson

from shared.domain.outcome import ManifestLine


class Manifest(Mapping[int, ManifestLine]):
    """A mapping over the lines of a manifest file, in the file's order."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines: dict[int, bytes] = {orjson.loads(line)["line"]: line for line in lines}
        # The requests of a product come one after another, mostly.
        self._read = lru_cache(maxsize=256)(self._parse)

    def __getitem__(self, line: int) -> ManifestLine:
        return self._read(line)

    def _parse(self, line: int) -> ManifestLine:
        return ManifestLine.model_validate_json(self._lines[line])

    def __iter__(self) -> Iterator[int]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)
