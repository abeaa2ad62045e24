"""Rows and lines of other versions are read: those of the version before, newer ones, and those of none."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest

from shared.capacity.deployment_balancer import DeploymentHealth
from shared.capacity.reservations import Amounts
from shared.content.content_records import (
    Candidate,
    Claim,
    PastTry,
    PublishedContent,
    PublishedFacts,
    ServedContent,
)
from shared.content.document import build_document
from shared.domain.audit import AuditEntry, TimerRun
from shared.domain.batch import OpenAIBatch
from shared.domain.errors import UnreadableRow
from shared.domain.outcome import ManifestLine, RequestOutcome
from shared.domain.product import Product
from shared.domain.run import ImportReport, Run
from shared.domain.stored import STORE_VERSION, Stored
from shared.domain.task import Export, Requeueing
from shared.persistence.category_summaries import CategorySummary
from shared.persistence.entity_codec import decode, encode
from shared.persistence.manifest import Manifest
from shared.persistence.row_json import row_from_json, row_to_json
from shared.persistence.stored_lines import read_line, write_line
from tests.examples import product
from tests.stored_store import rows_of

MODELS: dict[str, type[Stored]] = {
    "products": Product,
    "content claim": Claim,
    "content candidate~": Candidate,
    "content published~": PublishedContent,
    "content facts": PublishedFacts,
    "content try~": PastTry,
    "batches batch": OpenAIBatch,
    "runs run": Run,
    "imports import": ImportReport,
    "requeueings requeueing": Requeueing,
    "exports export": Export,
    "summaries": CategorySummary,
    "reservations month total": Amounts,
    "reservations month ~": Amounts,
    "reservations deployments": DeploymentHealth,
    "activity deeds": AuditEntry,
    "activity timers": TimerRun,
    "line of manifest": ManifestLine,
    "line of outcomes": RequestOutcome,
}
VERSIONS = range(1, STORE_VERSION)


def read(kind: str, row: dict[str, Any]) -> Stored:
    text = orjson.dumps(row)
    return read_line(MODELS[kind], text, kind) if is_line(kind) else decode(MODELS[kind], row_from_json(text))


def is_line(kind: str) -> bool:
    return kind.startswith("line")


def structured(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row whose properties that hold JSON are objects and lists, so that a test can change them."""
    if is_line(kind):
        return deepcopy(row)
    return {name: orjson.loads(value) if f"{name}__chunks" in row else value for name, value in row.items()}


def flat(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """The stored form of a row again."""
    if is_line(kind):
        return row
    return {
        name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
        for name, value in row.items()
        if not name.endswith("__chunks")
    }


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, at every depth."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


def subclasses(model: type[Stored]) -> set[type[Stored]]:
    return {model, *(found for each in model.__subclasses__() for found in subclasses(each))}


def test_every_stored_model_has_a_row_of_each_version_before() -> None:
    shared = {each for each in subclasses(Stored) if each.__module__.startswith("shared.")}
    bases = {parent for each in shared for parent in each.__mro__[1:]}
    for version in VERSIONS:
        kept = {model for kind, model in MODELS.items() if kind in rows_of(version)}
        assert shared - bases - kept == set()


def keeps(written: Any, before: Any) -> bool:
    """Whether a value is as it was. Objects, also those in a property of JSON, may have further fields."""
    if isinstance(written, str) and isinstance(before, str) and before.startswith("{"):
        return keeps(orjson.loads(written), orjson.loads(before))
    if isinstance(written, dict) and isinstance(before, dict):
        return all(name in written and keeps(written[name], value) for name, value in before.items())
    return bool(written == before)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", MODELS)
def test_a_row_of_a_version_before_is_read_and_written_in_todays_form(kind: str, version: int) -> None:
    before = rows_of(version)[kind]
    model = read(kind, before)
    if is_line(kind):
        written = orjson.loads(write_line(model))
    else:
        written = orjson.loads(row_to_json(encode(before["PartitionKey"], before["RowKey"], model)))
    assert written["schema_version"] == STORE_VERSION
    assert read(kind, written) == model
    # Nothing was lost on the way: what the version before had is still there, with the same value, except for
    # the ratings and levels that were never measured.
    gone = {"facts"} if kind == "content facts" and version == 1 else set()
    for name in before.keys() - gone:
        assert keeps(written.get(name), before[name]), (name, written.get(name), before[name])


@pytest.mark.parametrize("kind", MODELS)
def test_fields_of_a_newer_version_are_ignored_at_every_depth(kind: str) -> None:
    """In a mapping (specs, counts by outcome) a further key is data, so only objects with fields get one."""
    before = rows_of(1)[kind]
    newer = structured(kind, before)
    mappings = [newer.get(name) for name in ("specs", "store_links", "standing", "scores", "reserved", "used",
        "attempts", "notes", "by_status", "stored", "by_prompt", "counts", "images")]  # fmt: skip
    mappings += [each.get(name) for each in objects(newer) for name in ("specs", "locales", "by_outcome")]
    skipped = [id(each) for mapping in mappings for each in objects(mapping)]
    for each in [found for found in objects(newer) if id(found) not in skipped]:
        each["from_the_future"] = {"a": [1]}
    newer["schema_version"] = STORE_VERSION + 1
    assert read(kind, flat(newer, kind)) == read(kind, before)


def test_an_image_of_a_newer_version_is_read() -> None:
    image = {"source": "s", "page_url": None, "image_url": "u", "alt_text": "new"}
    row = rows_of(1)["products"] | {"images": orjson.dumps({"front_view": image}).decode()}
    found = read("products", row)
    assert isinstance(found, Product)
    assert found.images["front_view"].image_url == "u"


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every field and list item of a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield (*at, key)
        yield from paths(each, (*at, key))


CONTENT = orjson.loads(rows_of(1)["content published~"]["content"])
FACTS = orjson.loads(rows_of(1)["content facts"]["facts"])


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, at every depth, that is not empty."""
    if value and isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(each)


def without(value: Any, path: tuple[Any, ...]) -> Any:
    changed = deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return changed


def published(content: Any) -> PublishedContent:
    row = rows_of(1)["content published~"] | {"content": orjson.dumps(content).decode()}
    found = read("content published~", row)
    assert isinstance(found, PublishedContent)
    return found


def facts(value: Any) -> PublishedFacts:
    found = read("content facts", rows_of(1)["content facts"] | {"facts": orjson.dumps(value).decode()})
    assert isinstance(found, PublishedFacts)
    return found


def document(content: Any = CONTENT, known: Any = FACTS) -> dict[str, Any]:
    served = ServedContent((published(content),), facts(known))
    made = build_document(product(), served, ("en-GB", "de-DE"))
    orjson.dumps(made)
    return made


@pytest.mark.parametrize("path", list(paths(CONTENT)), ids=str)
def test_a_published_text_with_any_part_less_is_served(path: tuple[Any, ...]) -> None:
    changed = without(CONTENT, path)
    assert document(changed)["ai_generated_content"][published(CONTENT).locale]
    # A field that is absent is empty; of a list there is one item less.
    stored, expected = published(changed).content.model_dump(), CONTENT
    for key in path[:-1]:
        stored, expected = stored[key], expected[key]
    if isinstance(stored, list):
        assert len(stored) == len(expected) - 1
    else:
        assert not list(texts(stored.get(path[-1])))


@pytest.mark.parametrize("path", list(paths(FACTS)), ids=str)
def test_facts_with_any_part_less_are_served(path: tuple[Any, ...]) -> None:
    assert document(known=without(FACTS, path))["ai_generated_content"]


def test_a_genre_of_a_newer_version_is_left_out() -> None:
    assert facts(FACTS | {"best_genres": ["blues", "hyperpop"]}).facts.best_genres == ["blues"]


def test_bounds_of_today_do_not_count_for_stored_texts() -> None:
    longer = deepcopy(CONTENT)
    longer["basic_info"]["overview"] *= 20
    longer["qa"] *= 3
    stored = published(longer).content
    assert stored.model_dump() == longer


def test_a_value_of_a_wrong_type_is_named() -> None:
    bad = deepcopy(CONTENT)
    bad["basic_info"]["overview"] = 7
    with pytest.raises(UnreadableRow, match=r"PublishedContent .*basic_info: overview: must be str"):
        published(bad)


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("products", {"openai_processing_status": "asleep"}, "openai_processing_status"),
        ("products", {"specs": "{"}, "not JSON"),
        ("products", {"specs__chunks": 3}, "specs__1"),
        ("products", {"schema_version": "two"}, "TypeError"),
        ("batches batch", {"created_at": "yesterday", "created_at@odata.type": None}, "created_at"),
        ("line of outcomes", {"outcome": "lost"}, "outcome"),
    ],
)
def test_a_row_that_does_not_fit_is_named(kind: str, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableRow, match=f"The stored .* cannot be read by this version.*{reason}"):
        read(kind, rows_of(1)[kind] | change)


class Renamed(Stored):
    """A model whose field `colour` was `color` in version 1, and whose `parts` were one text."""

    colour: str
    parts: list[str]

    @classmethod
    def upgrade(cls, values: dict[str, Any], version: int) -> dict[str, Any]:
        if version < 2:
            return {"colour": values["color"], "parts": values["part"].split()}
        return values


def test_an_older_row_is_upgraded_when_it_is_read_and_changes_when_it_is_written() -> None:
    old = {"PartitionKey": "p", "RowKey": "r", "color": "red", "part": "neck body"}
    model = decode(Renamed, old)
    assert model == Renamed(colour="red", parts=["neck", "body"])
    written = encode("p", "r", model)
    assert written["schema_version"] == STORE_VERSION
    assert "color" not in written
    assert decode(Renamed, written) == model
    assert read_line(Renamed, b'{"color":"red","part":"neck body"}', "a file") == model


def test_a_manifest_with_a_bad_line_keeps_the_others(caplog: pytest.LogCaptureFixture) -> None:
    good = orjson.dumps(rows_of(1)["line of manifest"])
    number = orjson.loads(good)["line"]
    bad = b'{"line": 7, "record": 1}'
    manifest = Manifest([b"{", bad, good], "batches/b/manifest-1.jsonl")
    assert list(manifest) == [number]
    assert [line.line for line in manifest.values()] == [number]
    assert manifest.get(7) is None
    assert "line 1 of batches/b/manifest-1.jsonl" in caplog.text
    assert caplog.text.count("ManifestLine in batches/b/manifest-1.jsonl") == 1
