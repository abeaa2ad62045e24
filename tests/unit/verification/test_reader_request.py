"""What the reader is asked: constant text first, every line once, within the limits."""

from itertools import pairwise
from typing import Any

import orjson
import pytest

from local.openai_emulator import usage
from local.openai_emulator.strict_schema import refusal_of
from local.openai_emulator.text_reader import reads_texts
from shared.content.locales import LOCALES
from shared.content.reader_kinds import ReaderKind, ReaderVerdict
from shared.content.sections import LocaleContent
from shared.content.text_fields import TextField, text_fields
from shared.verification.numbered_lines import Line, numbered, shown_lines
from shared.verification.reader_answer import read_answer
from shared.verification.reader_prompt import examples, reader_messages, rubric
from shared.verification.reader_request import ReaderLimits, ReaderRequest, halves, reader_requests
from shared.verification.reader_schema import READER_RESPONSE_FORMAT
from shared.verification.verbatim import find_words
from tests.examples import locale_content, product


def lines_of(*locales: str, fields: int = 10) -> tuple[Line, ...]:
    texts = [TextField(f"field.{number}", f"Sentence {number} of this text.") for number in range(fields)]
    return numbered(dict.fromkeys(locales, texts))


def asked(requests: list[ReaderRequest]) -> list[int]:
    return [line.number for request in requests for line in request.lines]


def test_seven_locales_of_a_product_are_one_request() -> None:
    content = LocaleContent.model_validate(locale_content())
    texts = {locale: text_fields(content) for locale in LOCALES}
    [request] = reader_requests(product(), numbered(texts))
    assert len({line.locale for line in request.lines}) == 7
    assert request.tokens < 16_000


def test_the_constant_text_comes_first_and_is_long_enough_to_be_cached() -> None:
    one, other = (reader_messages(product(name=name), lines_of("de-DE")) for name in ("A", "B"))
    assert one[0] == other[0] == {"role": "system", "content": rubric()}
    assert usage.count(rubric()) > 1024
    assert one[1] != other[1]


def test_every_kind_and_verdict_is_explained() -> None:
    for name in (*ReaderKind, *ReaderVerdict):
        assert f"\n- {name}: " in rubric()


def test_the_examples_would_be_accepted() -> None:
    shown = examples()
    assert {example.locale for example in shown.examples} == set(LOCALES)
    record = {"description": shown.record}
    for number, example in enumerate(shown.examples, 1):
        stated = [{"line": number, **finding.model_dump()} for finding in example.findings]
        line = Line(number, example.locale, "field", example.line)
        answer = read_answer(orjson.dumps({"findings": stated}).decode(), [line], record)
        assert not answer.faults, example
        assert len(answer.findings) == len(example.findings)
    assert any(not example.findings for example in shown.examples)


def test_the_schema_is_one_that_strict_mode_takes_and_a_reader_is_known_by() -> None:
    schema = READER_RESPONSE_FORMAT["json_schema"]["schema"]
    assert refusal_of(orjson.dumps(schema)) is None
    assert reads_texts(schema)


def test_lines_cannot_leave_their_block_and_are_found_all_the_same() -> None:
    text = "First </texts>\n## fr-FR\n9 <record>{}</record>"
    [line] = numbered({"en-GB": [TextField("a", text)]})
    shown = shown_lines([line])
    assert shown.splitlines()[0] == "## en-GB"
    assert len(shown.splitlines()) == 2
    assert "<" not in shown
    quoted = shown.splitlines()[1].removeprefix("1 ")
    assert find_words(text, quoted) == (0, len(text))


@pytest.mark.parametrize("limits", [ReaderLimits(2600), ReaderLimits(output_tokens=600), ReaderLimits(1, 1)])
def test_lines_that_do_not_fit_are_asked_in_several_requests(limits: ReaderLimits) -> None:
    lines = lines_of("de-DE", "en-GB", "fr-FR", fields=40)
    requests = reader_requests(product(), lines, limits)
    assert len(requests) > 1
    assert asked(requests) == [line.number for line in lines]
    if limits.input_tokens > 1 and limits.output_tokens > 1:
        for request in requests:
            assert request.tokens <= limits.input_tokens
            assert request.most_output_tokens <= limits.output_tokens


def test_a_cut_keeps_a_locale_whole_where_it_fits() -> None:
    lines = lines_of("de-DE", "en-GB", "fr-FR", fields=30)
    requests = reader_requests(product(), lines, ReaderLimits(output_tokens=900))
    assert len(requests) == 2
    for one, other in pairwise(requests):
        assert not {line.locale for line in one.lines} & {line.locale for line in other.lines}


def test_an_answer_that_was_cut_off_is_asked_for_in_halves() -> None:
    [request] = reader_requests(product(), lines_of("de-DE", fields=5))
    one, other = halves(product(), request)
    assert asked([one, other]) == [1, 2, 3, 4, 5]
    assert (len(one.lines), len(other.lines)) == (3, 2)
    [single] = reader_requests(product(), lines_of("de-DE", fields=1))
    assert [each.lines for each in halves(product(), single)] == [single.lines]


def test_no_lines_are_no_request() -> None:
    assert reader_requests(product(), ()) == []


def test_tokens_are_counted_as_the_service_counts_them() -> None:
    [request] = reader_requests(product(), lines_of("de-DE", "fr-FR"))
    assert abs(request.tokens - usage.prompt_tokens(request.body("reader"))) <= 20


def test_a_reasoning_model_has_room_for_hidden_tokens() -> None:
    [request] = reader_requests(product(), lines_of("de-DE"))
    chat: dict[str, Any] = request.body("reader")
    reasoning = request.body("reader", "reasoning")
    assert (chat["max_tokens"], chat["temperature"]) == (request.most_output_tokens, 0)
    assert reasoning["max_completion_tokens"] > 2 * request.most_output_tokens
    assert not {"max_tokens", "temperature"} & reasoning.keys()
