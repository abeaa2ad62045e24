"""A file of a channel with its head and tail, continued in further files where it would get too large."""

from collections.abc import Iterable, Iterator

from shared.channels.channel import OutFile
from shared.persistence.blobs import split_lines


def pages(file: OutFile, chunks: Iterable[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The names and contents of the files that `file` becomes, in order.

    Each content must be consumed before the next is asked for. A line that is larger than the limit by itself
    gets a file of its own.
    """
    if file.max_bytes is None:
        yield file.name, _whole(file, chunks)
        return
    room = file.max_bytes - len(file.head) - len(file.tail)
    lines = split_lines(chunks)
    first, number = next(lines, b""), 1
    while True:
        rest: list[bytes] = []
        yield _numbered(file.name, number), _page(file, first, lines, room, rest)
        if not rest:
            return
        first, number = rest[0], number + 1


def _whole(file: OutFile, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield file.head
    yield from chunks
    yield file.tail


def _page(
    file: OutFile, first: bytes, lines: Iterator[bytes], room: int, rest: list[bytes]
) -> Iterator[bytes]:
    """One file. The line that does not fit any more is put into `rest`."""
    end = b"\r\n" if file.head.endswith(b"\r\n") else b"\n"
    yield file.head
    used = len(first) + len(end)
    if first:
        yield first + end
    for line in lines:
        used += len(line) + len(end)
        if used > room:
            rest.append(line)
            break
        yield line + end
    yield file.tail


def _numbered(name: str, number: int) -> str:
    stem, _, extension = name.rpartition(".")
    return name if number == 1 else f"{stem}-{number}.{extension}"
