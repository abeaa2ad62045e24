"""Names and contents of a batch's blobs, all under `batches/<batch id>/`.

selection.txt              ids that the batch may claim, one per line; written before the first claim
input-<build>.jsonl        the batch input file; the batch record names the valid one
manifest-<build>.jsonl     what was sent, one line per product (`ManifestLine`)
sent-<attempt>.jsonl       TransferMode.BLOB: the copy of the input that one attempt to submit gave to Azure
answers/output/<custom id>.jsonl  TransferMode.ONLINE: one result line, written when the call is answered
results/output-00000.jsonl staged result lines, in segments that hold whole products
outcomes/output-00000.jsonl  outcomes of a segment's result lines (`RequestOutcome`)
"""

import logging
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from shared.domain.batch import OpenAIBatch
from shared.domain.errors import UnreadableRow
from shared.domain.outcome import RequestOutcome
from shared.persistence.blobs import Blobs
from shared.persistence.manifest import Manifest
from shared.persistence.stored_lines import read_line, write_line

_SENT = re.compile(r"batches/([^/]+)/sent-\d+\.jsonl")


def input_name(batch_id: str, build: str) -> str:
    """The input file of a build. Each build has its own, so a late build does not change what was sent."""
    return f"batches/{batch_id}/input-{build}.jsonl"


def manifest_name(filename: str) -> str:
    """The manifest of an input file."""
    folder, _, name = filename.rpartition("/input")
    return f"{folder}/manifest{name}"


def sent_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}/sent-"


def sent_name(batch_id: str, attempt: int) -> str:
    """The copy of the input that Azure reads in one attempt to submit."""
    return f"{sent_prefix(batch_id)}{attempt}.jsonl"


def batch_of_sent(name: str) -> str | None:
    """The batch of a copy that `sent_name` names, or None for any other blob."""
    found = _SENT.fullmatch(name)
    return found[1] if found else None


def results_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}/results"


def answers_prefix(batch_id: str, kind: "FileKind | None" = None) -> str:
    """The prefix of the answers to online calls, one blob each: all of them, or those of one kind."""
    return f"batches/{batch_id}/answers/" + (f"{kind}/" if kind else "")


def answer_file(custom_id: str) -> str:
    return f"{custom_id}.jsonl"


class FileKind(StrEnum):
    """The files of a batch in Azure's line format."""

    INPUT = "input"
    OUTPUT = "output"
    ERRORS = "errors"


def prefix_of(batch: OpenAIBatch, kind: FileKind) -> str:
    """The prefix of the blobs that hold a batch's input, or its staged output or error lines."""
    return batch.filename if kind == FileKind.INPUT else f"{results_prefix(batch.batch_id)}/{kind}-"


def read_selection(blobs: Blobs, batch_id: str) -> list[str] | None:
    """The ids that the batch may claim, or None if none were chosen yet.

    The file is a plain list of ids, so it carries no version: another form would get another name.
    """
    name = _selection_name(batch_id)
    return [line.decode(errors="replace") for line in blobs.lines(name)] if blobs.exists(name) else None


def write_selection(blobs: Blobs, batch_id: str, product_ids: Iterable[str]) -> None:
    blobs.write(_selection_name(batch_id), (f"{product_id}\n".encode() for product_id in product_ids))


def read_manifest(blobs: Blobs, filename: str) -> Manifest:
    """The manifest of an input file."""
    name = manifest_name(filename)
    return Manifest(blobs.lines(name), name)


def write_outcomes(blobs: Blobs, batch_id: str, segment: str, outcomes: Iterable[RequestOutcome]) -> None:
    """Store the outcomes of a segment; a repeated write replaces them."""
    blobs.write(_outcomes_name(batch_id, segment), map(write_line, outcomes))


def read_outcomes(blobs: Blobs, batch_id: str, segments: Iterable[str]) -> Iterator[RequestOutcome]:
    """The outcomes of all segments, in the order of the segments.

    A line that cannot be read is logged and left out, so its request counts as one without an answer.

    Raises:
        azure.core.exceptions.ResourceNotFoundError: when a segment has not been ingested.
    """
    for segment in segments:
        name = _outcomes_name(batch_id, segment)
        for line in blobs.lines(name):
            try:
                yield read_line(RequestOutcome, line, name)
            except UnreadableRow as error:
                logging.error("%s", error.message)


def _selection_name(batch_id: str) -> str:
    return f"batches/{batch_id}/selection.txt"


def _outcomes_name(batch_id: str, segment: str) -> str:
    return f"batches/{batch_id}/outcomes/{segment.rsplit('/', 1)[1]}"
