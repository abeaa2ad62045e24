"""The form of a backup: a gzipped tar that is written and read as a stream.

backup.json             format, versions, time; the first member
tables/<table>/00000.jsonl  rows of a table (`row_json`), in pieces of some megabytes
blobs/<name>            a blob
end.json                what was written (`Inventory`); the last member, so a cut archive is noticed

Table names are without the configured prefix, so a backup can be restored under another one.
"""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from pydantic import BaseModel, Field

FORMAT = 1
HEAD, END = "backup.json", "end.json"
TABLE_FOLDER, BLOB_FOLDER = "tables/", "blobs/"

_PIECE_BYTES = 4 * 1024 * 1024
_DIGEST_BITS = 256


class NotABackup(ValueError):
    """The file is no backup, is cut short, or has a format that this version does not know."""


class Head(BaseModel):
    """The first member: what the archive is."""

    format: int = FORMAT
    store_version: int
    made_at: str


class Digest(BaseModel):
    """Number and digest of things in any order."""

    count: int = 0
    sha256_sum: str = Field(default="0", description="sum of the SHA-256 of each, modulo 2^256, in hex")

    def add(self, *parts: bytes) -> None:
        """Count one thing."""
        whole = hashlib.sha256()
        for part in parts:
            whole.update(hashlib.sha256(part).digest())
        number = int(self.sha256_sum, 16) + int.from_bytes(whole.digest())
        self.sha256_sum = f"{number % 2**_DIGEST_BITS:x}"
        self.count += 1


class Inventory(BaseModel):
    """What a store or an archive holds. Equal inventories mean equal contents."""

    tables: dict[str, Digest] = Field(default_factory=dict)
    blobs: Digest = Field(default_factory=Digest)

    @property
    def row_count(self) -> int:
        """Number of rows in all tables."""
        return sum(table.count for table in self.tables.values())

    def differences(self, other: "Inventory") -> list[str]:
        """Names of the parts that differ, with both counts."""
        pairs = [
            (f"table {name}", self.tables.get(name, Digest()), other.tables.get(name, Digest()))
            for name in sorted({*self.tables, *other.tables})
        ]
        pairs.append(("blobs", self.blobs, other.blobs))
        return [f"{what}: {one.count} and {two.count}" for what, one, two in pairs if one != two]


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class ArchiveWriter:
    """Adds members to an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, size: int, content: Readable) -> None:
        """Add a member of `size` bytes as a stream."""
        member = tarfile.TarInfo(name)
        member.size = size
        self._tar.addfile(member, content)

    def add_bytes(self, name: str, content: bytes) -> None:
        self.add(name, len(content), io.BytesIO(content))

    def add_lines(self, folder: str, lines: Iterable[bytes]) -> None:
        """Add lines as members of `folder`, in pieces that are held in memory one at a time."""
        piece, number = bytearray(), 0
        for line in lines:
            piece += line + b"\n"
            if len(piece) >= _PIECE_BYTES:
                self.add_bytes(f"{folder}{number:05d}.jsonl", bytes(piece))
                piece, number = bytearray(), number + 1
        if piece:
            self.add_bytes(f"{folder}{number:05d}.jsonl", bytes(piece))


@contextmanager
def write_archive(target: IO[bytes]) -> Iterator[ArchiveWriter]:
    """An archive over a file that need not be seekable."""
    # With a fixed time in its header, the same contents make the same bytes.
    with (
        gzip.GzipFile(fileobj=target, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield ArchiveWriter(tar)


@contextmanager
def read_archive(source: IO[bytes]) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The members in their order. Each content must be read before the next one is taken.

    Raises:
        NotABackup: from the body too, when the file is no archive or is cut short.
    """
    try:
        with (
            gzip.GzipFile(fileobj=source, mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            yield ((member.name, content) for member in tar if (content := tar.extractfile(member)))
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise NotABackup(f"The file is no backup, or it is cut short: {error}") from error
