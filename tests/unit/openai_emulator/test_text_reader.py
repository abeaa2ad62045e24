"""The emulator as a reader of texts: it finds its own lapses, and errs as faults say."""

from typing import Any

import orjson
import pytest

from local.openai_emulator import RunningEmulator
from local.openai_emulator.answer_writer import LAPSES, Subject, write_text
from local.openai_emulator.languages import phrases_for
from local.openai_emulator.text_reader import read_texts, reads_texts
from tests.unit.openai_emulator.client import (
    SCHEMA,
    answer,
    finish,
    jsonl,
    lines,
    request,
    response_format,
    strict,
)

GUITAR = Subject("P-1", "Ardena Vela", "Ardena")
LOCALES = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT", "pt-PT")
FINDING = strict(
    {name: {"type": "string"} for name in ("quote", "kind", "verdict", "record")}
    | {"line": {"type": "integer"}}
)
READING = strict({"findings": {"type": "array", "items": FINDING}})


def texts(*defects: str, locales: tuple[str, ...] = LOCALES) -> str:
    """A user message with one text for each locale, numbered from 1."""
    shown = [
        f"## {locale}\n{number} {write_text(GUITAR, locale, 'seed', frozenset(defects))}"
        for number, locale in enumerate(locales, 1)
    ]
    record = orjson.dumps({"name": GUITAR.name, "brand": GUITAR.brand}).decode()
    return f"<record>\n{record}\n</record>\n<texts>\n" + "\n".join(shown) + "\n</texts>"


def findings(text: str, **effects: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_texts(text, "seed", effects)["findings"]
    return found


def test_a_request_to_check_texts_is_known_by_its_schema() -> None:
    assert reads_texts(READING)
    assert not reads_texts(SCHEMA)
    assert not reads_texts(None)
    assert not reads_texts(strict({"findings": {"type": "string"}}))


def test_every_language_has_a_sentence_for_every_lapse() -> None:
    for locale in LOCALES:
        assert tuple(phrases_for(locale).lapses) == LAPSES


@pytest.mark.parametrize("lapse", LAPSES)
def test_it_finds_each_lapse_of_its_own_in_every_locale(lapse: str) -> None:
    found = findings(texts(lapse))
    assert [each["line"] for each in found] == list(range(1, len(LOCALES) + 1))
    assert {each["quote"] for each in found} == {phrases_for(locale).lapses[lapse] for locale in LOCALES}
    contradicts = lapse in ("contradiction", "wrong_part")
    assert {each["record"] for each in found} == {GUITAR.name if contradicts else ""}


def test_texts_without_a_lapse_have_no_findings() -> None:
    assert findings(texts()) == []


def test_it_misses_a_share_by_seed() -> None:
    text = texts(*LAPSES)
    some = findings(text, missed=0.5)
    assert 0 < len(some) < len(LAPSES) * len(LOCALES)
    assert some == findings(text, missed=0.5)
    assert findings(text, missed=1) == []


@pytest.mark.parametrize("effect", ["false_finding", "false_quote", "false_record", "unknown_line"])
def test_each_way_to_err_adds_one_finding(effect: str) -> None:
    text = texts()
    [wrong] = findings(text, **{effect: True})
    shown = dict(enumerate(LOCALES, 1))
    assert (wrong["line"] in shown) == (effect != "unknown_line")
    assert (wrong["quote"] in text) == (effect != "false_quote")
    assert (wrong["record"] in text) == (effect != "false_record")


def reading(number: int, text: str) -> dict[str, Any]:
    return request(
        number, messages=[{"role": "user", "content": text}], response_format=response_format(READING)
    )


def test_in_a_job_it_reads_and_the_ledger_counts_no_text(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults(
        {"on": "request", "match": {"custom_id": "line-1"}, "effect": {"unknown_line": True}}
    )
    job = finish(openai_emulator, jsonl([reading(0, texts("promise")), reading(1, texts("promise"))]))
    by_id = {
        line["custom_id"]: answer(line)["findings"] for line in lines(openai_emulator, job.output_file_id)
    }
    assert len(by_id["line-0"]) == len(LOCALES)
    assert len(by_id["line-1"]) == len(LOCALES) + 1
    ledger = openai_emulator.ledger()
    assert ledger["requests"]["charged"] == 2
    assert ledger["products"] == {}


def test_lapses_are_put_into_texts_by_a_fault(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "request", "effect": {"level": True, "price_talk": True}})
    job = finish(openai_emulator, jsonl([request(0)]))
    [line] = lines(openai_emulator, job.output_file_id)
    for locale, written in answer(line).items():
        for lapse in ("level", "price_talk"):
            assert phrases_for(locale).lapses[lapse] in written["overview"]
