"""The content of answers: schema, language, product, and the defects that a fault requests."""

import re
from typing import Any

import orjson
import pytest

from local.openai_emulator import usage
from local.openai_emulator.answer_writer import Subject, locales_of, write_json, write_text
from local.openai_emulator.completions import Completion, complete
from local.openai_emulator.config import Deployment, DeploymentType
from local.openai_emulator.languages import phrases_for
from local.openai_emulator.request_subject import find_subject
from tests.unit.openai_emulator.client import SCHEMA, request, strict

LOCALES = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT", "pt-PT")
# Words that are common in texts of one language and rare in the others.
COMMON = {
    "de": {"der", "die", "das", "und", "ein", "ist", "mit", "nicht", "auch"},
    "en": {"the", "and", "with", "for", "that", "is", "to", "of"},
    "es": {"el", "los", "las", "y", "del", "sin", "muy", "más", "cuando"},
    "fr": {"le", "les", "des", "une", "et", "pour", "est", "sans", "avec"},
    "it": {"il", "gli", "di", "che", "della", "sono", "non", "è", "senza"},
    "pt": {"os", "uma", "não", "com", "ao", "são", "sem", "é", "do"},
}
GUITAR = Subject("P-1", "Ardena Vela", "Ardena")
FLUTE = Subject("P-2", "Ondine 30", "Ondine")
BATCH = Deployment("b", "gpt-4.1-2025-04-14", DeploymentType.BATCH)
REASONING = Deployment("r", "gpt-5-2025-08-07", DeploymentType.BATCH)


def text(locale: str, subject: Subject = GUITAR, *defects: str) -> str:
    return write_text(subject, locale, "1:line", frozenset(defects))


def closest(content: str) -> str:
    """The language with the most common words in a text."""
    words = re.findall(r"\w+", content.lower())
    return max(COMMON, key=lambda language: sum(word in COMMON[language] for word in words))


def essay(locale: str, *defects: str) -> str:
    """A text that is long enough to identify its language."""
    schema = strict({locale: {"type": "string", "description": "150 to 200 words"}})
    written = write_json(schema, GUITAR, locale, "seed", frozenset(defects))
    return str(written[locale])


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_have_the_language_mark_and_length_requested(locale: str) -> None:
    written = essay(locale)
    assert closest(written) == locale[:2]
    assert 150 <= len(written.split()) <= 200
    assert written.startswith(f"{phrases_for(locale).mark} ")


def test_two_products_get_different_texts() -> None:
    assert text("de-DE", GUITAR) != text("de-DE", FLUTE)
    assert text("de-DE", GUITAR) == text("de-DE", GUITAR)
    assert essay("en-GB").count("Vela") > 0


def test_texts_without_defects_have_no_links_and_no_numbers() -> None:
    for locale in LOCALES:
        assert not re.search(r"https?://|www\.|\d", essay(locale))


DEFECTS = {"url": r"https://", "invented_number": r"\d+ (mm|kg)", "review": r": [^.]*!"}


@pytest.mark.parametrize("defect", DEFECTS)
def test_defects_that_are_visible_in_the_text(defect: str) -> None:
    for locale in LOCALES:
        assert re.search(DEFECTS[defect], text(locale, GUITAR, defect)), locale
        assert not re.search(DEFECTS[defect], text(locale, GUITAR)), locale


def test_the_defect_of_another_language() -> None:
    for locale in LOCALES:
        assert closest(essay(locale, "wrong_language")) != locale[:2]


def test_the_defect_of_boilerplate() -> None:
    assert text("en-GB", GUITAR, "boilerplate") == text("en-GB", FLUTE, "boilerplate")


def test_the_defect_of_another_shape() -> None:
    written = write_json(SCHEMA, GUITAR, "en-GB", "seed", frozenset({"wrong_shape"}))
    assert set(written) == {"en-GB", "unasked"}


def test_every_kind_of_schema_is_satisfied_in_key_order() -> None:
    schema = strict(
        {
            "z": {"type": "string", "enum": ["red", "blue"]},
            "count": {"type": "integer"},
            "score": {"type": "number"},
            "good": {"type": "boolean"},
            "fixed": {"type": "string", "const": "this"},
            "maybe": {"type": ["string", "null"]},
            "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "items": {
                "type": "array",
                "items": strict({"title": {"type": "string"}}),
                "description": "2 items",
            },
            "tree": {"$ref": "#/$defs/node"},
        }
    )
    node = strict(
        {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}
    )
    schema["$defs"] = {"node": node}
    written = write_json(schema, GUITAR, "en-US", "seed")
    assert list(written) == list(schema["properties"])
    assert written["z"] in ("red", "blue")
    assert (type(written["count"]), type(written["score"]), type(written["good"])) == (int, float, bool)
    assert written["fixed"] == "this"
    assert isinstance(written["maybe"], str)
    assert written["either"] is None or isinstance(written["either"], int)
    assert [list(item) for item in written["items"]] == [["title"], ["title"]]
    assert list(written["tree"]) == ["name", "children"]
    orjson.dumps(written)


def test_characters_limit_a_text() -> None:
    schema = strict({"a": {"type": "string", "description": "at most 60 characters"}})
    for seed in range(20):
        assert 10 < len(write_json(schema, GUITAR, "de-DE", str(seed))["a"]) <= 60


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('Product: {"id": "P-1", "name": "Vela", "brand": "Ardena"}', Subject("P-1", "Vela", "Ardena")),
        ('{"not": "this"} but {"sku": "S", "name": "N"} }', Subject("S", "N", "")),
        ([{"type": "text", "text": '{"name": "N"}'}], Subject("N", "N", "")),
        ("no product {at all", Subject()),
    ],
)
def test_the_product_is_the_last_record_of_the_last_user_message(content: Any, expected: Subject) -> None:
    messages = [
        {"role": "user", "content": '{"id": "other"}'},
        {"role": "user", "content": content},
        {"role": "assistant", "content": '{"id": "no"}'},
    ]
    assert find_subject(messages) == expected


def completed(deployment: Deployment, **body: Any) -> Completion:
    return complete(request(1, **body)["body"], deployment, "seed", 1_750_000_000, {})


def test_an_answer_over_its_limit_is_cut_and_its_json_broken() -> None:
    whole = completed(BATCH)
    cut = completed(BATCH, max_tokens=20)
    choice = cut.body["choices"][0]
    assert (choice["finish_reason"], cut.completion_tokens) == ("length", 20)
    full = whole.body["choices"][0]["message"]["content"]
    assert full.startswith(choice["message"]["content"])
    assert usage.count(choice["message"]["content"]) <= 20
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(choice["message"]["content"])
    assert completed(BATCH, max_tokens=whole.completion_tokens).body["choices"][0]["finish_reason"] == "stop"


def test_reasoning_is_billed_and_counts_against_the_limit() -> None:
    free = completed(REASONING)
    details = free.body["usage"]["completion_tokens_details"]
    content = free.body["choices"][0]["message"]["content"]
    assert details["reasoning_tokens"] >= 64
    assert free.completion_tokens == details["reasoning_tokens"] + usage.count(content) + 1
    starved = completed(REASONING, max_completion_tokens=50)
    assert starved.body["choices"][0]["message"]["content"] == ""
    assert starved.body["choices"][0]["finish_reason"] == "length"
    assert starved.body["usage"]["completion_tokens_details"]["reasoning_tokens"] == 50


def test_prompt_tokens_include_messages_and_schema() -> None:
    bare = completed(BATCH, response_format=None)
    with_schema = completed(BATCH)
    longer = request(1)["body"]["messages"]
    longer[0] = {"role": "system", "content": "You write about instruments." + " word" * 100}
    assert with_schema.prompt_tokens > bare.prompt_tokens + 50
    assert completed(BATCH, messages=longer).prompt_tokens == with_schema.prompt_tokens + 100


def listed(**fields: dict[str, Any]) -> dict[str, Any]:
    """A schema with a list that has an item for each of two locales."""
    locale = {"type": "string", "enum": ["en-GB", "de-DE"]}
    properties = {"locale": locale, **fields}
    return strict({"texts": {"type": "array", "items": strict(properties)}})


def test_a_list_of_locales_has_an_item_for_each_in_its_language() -> None:
    schema = listed(overview={"type": "string", "description": "20 words"})
    english, german = write_json(schema, Subject("1", "Ardena"), "fr-FR", "seed")["texts"]
    assert (english["locale"], german["locale"]) == ("en-GB", "de-DE")
    assert english["overview"].startswith("[emulated]")
    assert german["overview"].startswith("[emuliert]")
    assert locales_of(schema, "fr-FR") == ["en-GB", "de-DE"]


def test_a_text_that_may_be_null_is_null_now_and_then() -> None:
    schema = listed(sound={"type": ["string", "null"], "description": "20 words"})
    answers = [write_json(schema, Subject("1"), "en-GB", str(seed))["texts"] for seed in range(100)]
    nulls = sum(item["sound"] is None for texts in answers for item in texts)
    assert 5 < nulls < 50


def test_words_of_the_record_are_copied_from_it() -> None:
    schema = listed(basis={"type": "string", "description": "2-6 words copied from the record"})
    texts = write_json(schema, Subject("1", quote="Mahogany body"), "en-GB", "seed")["texts"]
    assert {item["basis"] for item in texts} == {"Mahogany body"}
