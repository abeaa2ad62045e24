"""Batches to measure with: products of our own, and result lines as Azure writes them, none like another."""

import os
from collections.abc import Iterator

import orjson

from local.openai_emulator.answer_writer import Subject, write_json
from shared.content.locales import LOCALES
from shared.content.planning import plan_content
from shared.content.product_facts import FACTS_KEY, locales_in
from shared.content.response_schema import response_format
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import ManifestLine
from shared.domain.product import Product
from shared.domain.states import BatchStatus
from shared.persistence import batch_files
from shared.services import Services
from tests.examples import product

LINES = int(os.environ.get("BENCH_LINES", "20000"))
CATEGORY = "electric-guitars"
GROUPS = ((FACTS_KEY, LOCALES[0]), *((locale,) for locale in LOCALES[1:]))

_BODIES = ("mahogany", "alder", "ash", "basswood", "maple", "poplar", "walnut")
_FINISHES = ("black", "natural", "sunburst", "white", "red", "blue", "green", "silver")


def catalogue(count: int) -> Iterator[Product]:
    """Products of one category with names, woods and specs of their own."""
    for number in range(count):
        body, finish = _BODIES[number % len(_BODIES)], _FINISHES[number % len(_FINISHES)]
        yield product(
            product_id=f"P-{number:06d}",
            sku=f"P-{number:06d}",
            name=f"Ardena Halcyon {number} {finish}",
            description=f"Body of {body} in {finish}, maple neck, {20 + number % 5} frets, two humbuckers. "
            f"Scale of {600 + number % 60} mm, tuners of steel, weight about {3 + number % 3} kg.",
            specs={"frets": str(20 + number % 5), "scale": f"{600 + number % 60} mm", "body": body},
        )


def sent(item: Product, line: int) -> ManifestLine:
    return ManifestLine(
        line=line,
        record=item.record(),
        content_hash=item.content_hash,
        prompt_version="v2",
        groups=GROUPS,
        attempts=dict.fromkeys((FACTS_KEY, *LOCALES), 1),
        plan=plan_content(item),
    )


def result_lines(line: ManifestLine) -> Iterator[bytes]:
    """The result lines of one product, one a request, with everything that Azure puts around an answer."""
    subject = Subject(line.record.sku, line.record.name, line.record.brand)
    for group, parts in enumerate(line.groups):
        locales = locales_in(parts)
        schema = response_format(locales, plan_content(line.record), FACTS_KEY in parts)
        answer = write_json(schema["json_schema"]["schema"], subject, locales[0], str(group))
        yield orjson.dumps(
            {
                "custom_id": line.custom_id(group),
                "response": {"body": _completion(orjson.dumps(answer).decode()), "status_code": 200},
                "error": None,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


def _completion(text: str) -> dict[str, object]:
    unfiltered = {
        name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")
    }
    return {
        "choices": [
            {
                "content_filter_results": unfiltered,
                "finish_reason": "stop",
                "index": 0,
                "logprobs": None,
                "message": {"annotations": [], "content": text, "refusal": None, "role": "assistant"},
            }
        ],
        "created": 1_790_000_000,
        "id": "chatcmpl-benchmark",
        "model": "gpt-4.1-2025-04-14",
        "object": "chat.completion",
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": unfiltered}],
        "system_fingerprint": "fp_benchmark",
        "usage": {"completion_tokens": 1234, "prompt_tokens": 1946, "total_tokens": 3180},
    }


def short_lines(line: ManifestLine) -> Iterator[bytes]:
    """The same requests, each refused by the model: where the size of an answer does not matter."""
    for group in range(len(line.groups)):
        body = {**_completion(""), "choices": [{"finish_reason": "stop", "message": {"refusal": "No."}}]}
        answer = {"body": body, "status_code": 200}
        yield orjson.dumps(
            {"custom_id": line.custom_id(group), "response": answer, "error": None},
            option=orjson.OPT_APPEND_NEWLINE,
        )


def batch_of(lines: int, **changes: object) -> OpenAIBatch:
    """The record of a batch whose job has ended, with `lines` requests or a few more."""
    products = -(-lines // len(GROUPS))
    batch_id = f"bench-{lines}"
    fields = {
        "batch_id": batch_id,
        "filename": batch_files.input_name(batch_id, "b"),
        "created_at": utcnow(),
        "run_id": "bench",
        "category": CATEGORY,
        "status": BatchStatus.INGESTING,
        "request_count": products * len(GROUPS),
        "product_count": products,
        "result_file": batch_files.results_prefix(batch_id),
        "job_status": "completed",
    }
    return OpenAIBatch.model_validate({**fields, **changes})


def staged_batch(services: Services, lines: int) -> OpenAIBatch:
    """A batch whose job has ended and whose result lines are staged, `lines` of them."""
    count = max(1, lines * 12_000 // services.settings.segment_bytes)
    batch = batch_of(lines)
    names = [f"{batch.result_file}/output-{number:05d}.jsonl" for number in range(count)]
    writers = [services.blobs.writer(name) for name in names]
    manifest = services.blobs.writer(batch_files.manifest_name(batch.filename))
    for number, item in enumerate(catalogue(batch.product_count)):
        line = sent(item, number)
        manifest.write(f"{line.model_dump_json()}\n".encode())
        writers[number % count].write(b"".join(result_lines(line)))
    manifest.commit()
    for writer in writers:
        writer.commit()
    services.batches.create(batch.model_copy(update={"segments": names}))
    return services.batches.get(batch.batch_id)


def say(text: str) -> None:
    """Print a figure."""
    print(text, flush=True)  # noqa: T201 - what a benchmark is for
