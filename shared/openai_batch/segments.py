"""Segments: blobs of some megabytes of result lines. All lines of a product are in one segment of a file."""

from collections.abc import Iterable, Iterator
from math import ceil

from shared.openai_batch.result_lines import ResultLine, manifest_line_of, read_result_line
from shared.persistence.blobs import BLOCK_BYTES, Blobs, BlobWriter

# Measured size of a result line with rich content. It determines the number of segments.
_USUAL_LINE_BYTES = 12_000
# All segments of a file are written at the same time, each with one block in memory and one in flight.
_MAX_SEGMENTS = 128
_STAGING_BYTES = 32 * 1024 * 1024
_MIN_BLOCK_BYTES = 128 * 1024


def write_segments(
    blobs: Blobs, prefix: str, lines: Iterable[bytes], requests: int, segment_bytes: int
) -> list[str]:
    """Write a stream of `lines` into segments under `prefix` and return the segments' names, sorted.

    Their number depends only on `requests` and `segment_bytes`: the same lines make the same segments.
    """
    count = max(1, min(_MAX_SEGMENTS, ceil(requests * _USUAL_LINE_BYTES / segment_bytes)))
    block_bytes = max(_MIN_BLOCK_BYTES, min(BLOCK_BYTES, _STAGING_BYTES // (2 * count)))
    writers: dict[str, BlobWriter] = {}
    for line in lines:
        # All lines of a product go into one segment: ingesting compares its locales.
        name = f"{prefix}-{(manifest_line_of(line) or 0) % count:05d}.jsonl"
        if name not in writers:
            writers[name] = blobs.writer(name, block_bytes)
        writers[name].write(line + b"\n")
    for writer in writers.values():
        writer.commit()
    return sorted(writers)


def read_segment(blobs: Blobs, name: str) -> Iterator[ResultLine]:
    """Yield the parsed result lines of a segment.

    Raises:
        azure.core.exceptions.ResourceNotFoundError: there is no such segment.
    """
    return map(read_result_line, blobs.lines(name))
