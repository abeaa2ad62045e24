"""What a model or a service may send back: each line has a clear outcome, and memory stays bounded."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import Outcome
from shared.domain.states import BatchStatus, ProductStatus
from shared.openai_batch.remote_batches import RemoteBatches
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.results.staging import stage
from tests.examples import answer_text, locale_answer, product_facts
from tests.world import World

ROOT = Path(__file__).parent.parent.parent
# A line of 10 MB, 16 threads. Lines are parsed one at a time, so a few times the size of one is allowed.
_MOST_MEGABYTES = 150


def line(custom_id: str, text: str, **body: Any) -> bytes:
    """A result line as Azure writes it."""
    choice = {"finish_reason": "stop", "message": {"content": text}}
    answer = {
        "choices": [choice],
        "model": "m",
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
        **body,
    }
    return orjson.dumps(
        {"custom_id": custom_id, "response": {"status_code": 200, "body": answer}, "error": None}
    )


def answer(locale: str, **changes: Any) -> str:
    return answer_text({locale: {**locale_answer("Ardena P-000"), **changes}}, product_facts())


GOOD = line("000000-0", answer("en-GB"))
NUL = answer("en-GB").replace("mahogany body", "mahogany\\u0000 body")

CASES: dict[str, tuple[bytes, Outcome | None, str]] = {
    "10 MB": (line("000000-0", "x" * 10_000_000), Outcome.SCHEMA_INVALID, "10,000,000 characters"),
    "10 MB in a key": (line("000000-0", f'{{"{"k" * 400_000}": 1}}'), Outcome.SCHEMA_INVALID, "missing"),
    "no UTF-8": (GOOD.replace(b"mahogany", b"mahog\xff\xfe"), Outcome.INVALID_JSON, "not JSON"),
    "half a surrogate": (line("000000-0", '{"texts": "\\ud800"}'), Outcome.INVALID_JSON, "not JSON"),
    "NUL bytes": (line("000000-0", NUL), Outcome.SCHEMA_INVALID, "control characters"),
    "raw NUL bytes": (GOOD.replace(b"mahogany", b"mahog\x00"), Outcome.INVALID_JSON, "not JSON"),
    "nesting bomb": (line("000000-0", "[" * 100_000), Outcome.INVALID_JSON, "not JSON"),
    "nested line": (b'{"custom_id": "000000-0", "response": ' + b"[" * 100_000, Outcome.INVALID_JSON, "JSON"),
    "deep but closed": (
        line("000000-0", '{"texts": ' + "[" * 900 + "]" * 900 + "}"),
        Outcome.SCHEMA_INVALID,
        "en-GB",
    ),
    "code fence": (line("000000-0", f"```json\n{answer('en-GB')}\n```"), Outcome.INVALID_JSON, "not JSON"),
    "a refusal with NUL": (
        line("000000-0", "", choices=[{"message": {"refusal": "no\x00 way"}}]),
        Outcome.REFUSED,
        "way",
    ),
    "a model's name of 1 MB": (line("000000-0", answer("en-GB"), model="m" * 1_000_000), Outcome.STORED, ""),
    "tokens past counting": (
        line("000000-0", answer("en-GB"), usage={"prompt_tokens": 2**63, "completion_tokens": -1}),
        Outcome.STORED,
        "",
    ),
    "wrong id": (line("000007-0", answer("en-GB")), None, ""),
    "an id of 1 MB": (line("9" * 1_000_000, answer("en-GB")), None, ""),
    "no object": (b"[]", None, ""),
}


@pytest.fixture
def waiting(world: World) -> OpenAIBatch:
    """A batch of one product and one request, whose job has ended."""
    world.set(locales=("en-GB",))
    world.fill(1)
    return world.drive(world.prepare().batch_id, until=BatchStatus.INGESTING)


def bring(
    world: World, batch: OpenAIBatch, lines: list[bytes], segment_bytes: int = 8_000_000
) -> OpenAIBatch:
    """Let these lines be what the batch's output file holds."""

    def download(_: object, file_id: str) -> list[bytes]:
        return [each + b"\n" for each in lines] if file_id == batch.output_file_id else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RemoteBatches, "download", download)
        world.set(segment_bytes=segment_bytes)
        for index in reversed(range(stage(world.services, batch.batch_id))):
            ingest(world.services, batch.batch_id, index)
        settle(world.services, batch.batch_id)
    return world.services.batches.get(batch.batch_id)


@pytest.mark.parametrize("name", list(CASES))
def test_a_bad_line_has_a_clear_outcome(world: World, waiting: OpenAIBatch, name: str) -> None:
    bad, outcome, reason = CASES[name]
    after = bring(world, waiting, [bad])
    tried = world.candidates("P-000")["en-GB"]
    assert after.counts.by_outcome == {outcome or Outcome.MISSING: 1}
    assert after.counts.unknown == (1 if outcome is None else 0)
    assert (tried.outcome, reason in tried.reason) == (outcome or Outcome.MISSING, True), tried
    expected = ProductStatus.COMPLETED if outcome == Outcome.STORED else ProductStatus.PENDING
    assert world.product("P-000").openai_processing_status == expected


BAD = line("000000-0", "[]")
OTHER = line("000000-0", answer("en-GB").replace("two humbuckers", "one humbucker"))


@pytest.mark.parametrize("segment_bytes", [10_000_000, 1])
@pytest.mark.parametrize(
    ("lines", "wanted"),
    [([BAD, GOOD], GOOD), ([GOOD, BAD], GOOD), ([GOOD, OTHER], GOOD), ([OTHER, GOOD], OTHER)],
)
def test_the_first_good_one_of_duplicate_lines_is_stored(
    world: World, waiting: OpenAIBatch, segment_bytes: int, lines: list[bytes], wanted: bytes
) -> None:
    """Also where the other line is in a segment that is ingested sooner."""
    after = bring(world, waiting, lines, segment_bytes)
    assert (after.counts.by_outcome, after.counts.doubled) == ({Outcome.STORED: 1}, 1)
    [published] = world.services.contents.served("P-000").published
    humbuckers = "one humbucker" if wanted == OTHER else "two humbuckers"
    assert humbuckers in published.content.basic_info.key_features
    assert world.candidates("P-000")["en-GB"].outcome == Outcome.STORED
    assert world.product("P-000").openai_processing_status == ProductStatus.COMPLETED


_READ = """
import resource, sys
from shared.openai_batch.result_lines import read_result_line
from shared.persistence.parallel import map_ordered
from shared.persistence.blobs import split_lines
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
line = b'{"custom_id": "000000-0", "response": {"status_code": 200, "body": {"choices": ['
line += b'{"finish_reason": "stop", "message": {"content": "' + b"x" * 10_000_000 + b'"}}]}}}\\n'
chunks = (line[i : i + 1_000_000] for _ in range(60) for i in range(0, len(line), 1_000_000))
results = list(map_ordered(lambda result: result.reason, map(read_result_line, split_lines(chunks))))
assert len(results) == 60 and all("10,000,000 characters" in reason for reason in results)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_long_lines_are_never_held_together() -> None:
    """600 MB of lines of 10 MB, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", _READ], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < _MOST_MEGABYTES
