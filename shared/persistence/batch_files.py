"""Names and contents of a batch's blobs, all under `batches/<batch id>/`.

selection.txt              ids that the batch may claim, one a line; written before the first claim
input-<build>.jsonl        the batch input file; the record names the one that holds
manifest-<build>.jsonl     what was sent, one line a product (`ManifestLine`)
sent-<attempt>.jsonl       transfer by blobs: the input as one attempt to submit gave it to Azure
answers/output/<custom id>.jsonl  transfer online: one result line, as soon as it is there
results/output-00000.jsonl staged result lines, in segments by product
outcomes/output-00000.jsonl  what became of a segment's lines (`RequestOutcome`)
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import RequestOutcome
from shared.persistence.blobs import Blobs
from shared.persistence.manifest import Manifest

_SENT = re.compile(r"batches/([^/]+)/sent-\d+\.jsonl")


def input_name(batch_id: str, build: str) -> str:
    """Each build writes files of its own, so that one which is late changes nothing that was sent."""
    return f"batches/{batch_id}/input-{build}.jsonl"


def manifest_name(filename: str) -> str:
    """The manifest that belongs to an input file."""
    folder, _, name = filename.rpartition("/input")
    return f"{folder}/manifest{name}"


def sent_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}/sent-"


def sent_name(batch_id: str, attempt: int) -> str:
    """The copy of the input that one attempt to submit lets Azure read."""
    return f"{sent_prefix(batch_id)}{attempt}.jsonl"


def batch_of_sent(name: str) -> str | None:
    """The batch whose input such a copy is, or None for any other blob."""
    found = _SENT.fullmatch(name)
    return found[1] if found else None


def results_prefix(batch_id: str) -> str:
    return f"batches/{batch_id}/results"


def answers_prefix(batch_id: str, kind: "FileKind | None" = None) -> str:
    """Where the answers of online calls are, each in a file of its own; those of a kind, or all."""
    return f"batches/{batch_id}/answers/" + (f"{kind}/" if kind else "")


def answer_file(custom_id: str) -> str:
    return f"{custom_id}.jsonl"


class FileKind(StrEnum):
    """The files of a batch that are lines of Azure's."""

    INPUT = "input"
    OUTPUT = "output"
    ERRORS = "errors"


def prefix_of(batch: OpenAIBatch, kind: FileKind) -> str:
    """What the names of a batch's input, or of its staged output or error lines, begin with."""
    return batch.filename if kind == FileKind.INPUT else f"{results_prefix(batch.batch_id)}/{kind}-"


def read_selection(blobs: Blobs, batch_id: str) -> list[str] | None:
    """The ids that the batch may claim, or None where it has not chosen yet."""
    name = _selection_name(batch_id)
    return [line.decode() for line in blobs.lines(name)] if blobs.exists(name) else None


def write_selection(blobs: Blobs, batch_id: str, product_ids: Iterable[str]) -> None:
    blobs.write(_selection_name(batch_id), (f"{product_id}\n".encode() for product_id in product_ids))


def read_manifest(blobs: Blobs, filename: str) -> Manifest:
    """What a batch sent in an input file, by manifest line."""
    return Manifest(blobs.lines(manifest_name(filename)))


def write_outcomes(blobs: Blobs, batch_id: str, segment: str, outcomes: Iterable[RequestOutcome]) -> None:
    """Store a segment's outcomes; writing them again replaces them."""
    blobs.write(_outcomes_name(batch_id, segment), (f"{o.model_dump_json()}\n".encode() for o in outcomes))


def read_outcomes(blobs: Blobs, batch_id: str, segments: Iterable[str]) -> Iterator[RequestOutcome]:
    """The outcomes of all segments, in the segments' order.

    Raises:
        azure.core.exceptions.ResourceNotFoundError: when a segment has not been ingested.
    """
    for segment in segments:
        yield from map(RequestOutcome.model_validate_json, blobs.lines(_outcomes_name(batch_id, segment)))


def _selection_name(batch_id: str) -> str:
    return f"batches/{batch_id}/selection.txt"


def _outcomes_name(batch_id: str, segment: str) -> str:
    return f"batches/{batch_id}/outcomes/{segment.rsplit('/', 1)[1]}"
