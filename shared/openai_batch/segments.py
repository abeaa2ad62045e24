"""Result lines cut into segments: blobs of some megabytes, each with all lines of its products."""

from collections.abc import Iterable, Iterator
from math import ceil

from shared.openai_batch.result_lines import ResultLine, manifest_line_of, read_result_line
from shared.persistence.blobs import BLOCK_BYTES, Blobs, BlobWriter

# A result line in the rich form (measured); how many segments a file is cut into follows from it.
_USUAL_LINE_BYTES = 12_000
# All segments of a file are written side by side, each with a block in memory and one on its way.
_MOST_SEGMENTS = 128
_STAGING_BYTES = 32 * 1024 * 1024
_MIN_BLOCK_BYTES = 128 * 1024


def write_segments(
    blobs: Blobs, prefix: str, lines: Iterable[bytes], requests: int, segment_bytes: int
) -> list[str]:
    """Write `lines` as a stream into segments under `prefix`; the answer is their names, sorted.

    How many follows from the number of `requests`, so that the same lines make the same segments.
    """
    count = max(1, min(_MOST_SEGMENTS, ceil(requests * _USUAL_LINE_BYTES / segment_bytes)))
    block_bytes = max(_MIN_BLOCK_BYTES, min(BLOCK_BYTES, _STAGING_BYTES // (2 * count)))
    writers: dict[str, BlobWriter] = {}
    for line in lines:
        # The lines of a product stay together: its locales are compared where they are ingested.
        name = f"{prefix}-{(manifest_line_of(line) or 0) % count:05d}.jsonl"
        if name not in writers:
            writers[name] = blobs.writer(name, block_bytes)
        writers[name].write(line + b"\n")
    for writer in writers.values():
        writer.commit()
    return sorted(writers)


def read_segment(blobs: Blobs, name: str) -> Iterator[ResultLine]:
    """The result lines of a segment, parsed.

    Raises:
        azure.core.exceptions.ResourceNotFoundError: when there is no such segment.
    """
    return map(read_result_line, blobs.lines(name))
