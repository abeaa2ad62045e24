"""Validates an answer: from the model's text to typed content, each locale on its own.

The messages of invalid parts go back to the model when the part is requested again.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from shared.content.answer_form import earlier_content, stored_content
from shared.content.control_characters import printable
from shared.content.product_facts import FACTS_KEY, FactsAnswer, ProductFacts, known_facts
from shared.content.response_schema import LOCALE_KEY, TEXTS_KEY
from shared.content.sections import LocaleContent
from shared.domain.content_plan import ContentPlan
from shared.domain.outcome import Outcome

_MAX_LISTED = 3
# The reason quotes keys of the answer, and the model may write a key of any length.
_MAX_REASON_LENGTH = 500


@dataclass(frozen=True)
class AnswerResult:
    """The result of one answer.

    `contents` has the valid locales, `faults` a message for each invalid locale. `facts` are set when they
    were requested and are valid. When they were requested and are not valid, `faults` has a message under
    the key `facts`.
    """

    outcome: Outcome
    reason: str = ""
    contents: dict[str, LocaleContent] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    facts: ProductFacts | None = None


def validate_answer(
    text: str,
    locales: tuple[str, ...],
    plan: ContentPlan | None,
    *,
    facts: bool = False,
    record_words: Set[str] = frozenset(),
) -> AnswerResult:
    """Validate the answer to a request for `locales`; each fault names its field.

    `plan` is what was asked for; None for a request of an earlier version, which had a property for each
    locale. `facts` says whether the request asked for the product's facts. They are kept as far as they rest
    on `record_words`, the case-folded words of the record.
    """
    requested = (FACTS_KEY, *locales) if facts else locales
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _all_invalid(Outcome.INVALID_JSON, f"the answer is not JSON: {error}", requested)
    if not isinstance(answer, dict):
        return _all_invalid(Outcome.SCHEMA_INVALID, "the answer is not an object", requested)
    parts, surplus = (answer, []) if plan is None else _by_part(answer)
    contents: dict[str, LocaleContent] = {}
    faults: dict[str, str] = {}
    product_facts: ProductFacts | None = None
    for key in requested:
        if key not in parts:
            faults[key] = f"{key}: missing from the answer"
            continue
        try:
            if key != FACTS_KEY:
                contents[key] = _content(plan, parts[key])
            elif plan is None:
                product_facts = ProductFacts.model_validate(parts[key])
            else:
                product_facts = known_facts(FactsAnswer.model_validate(parts[key]), record_words)
        except ValidationError as error:
            faults[key] = _describe(key, error)
    # What was not asked for is reported and ignored. It does not make the rest of the answer invalid.
    surplus += [key for key in parts if key not in requested]
    ignored = [printable(f"{key}: not asked for, ignored", _MAX_REASON_LENGTH) for key in surplus]
    reason = "; ".join([*faults.values(), *ignored[:_MAX_LISTED]])
    outcome = Outcome.SCHEMA_INVALID if faults else Outcome.STORED
    return AnswerResult(outcome, reason, contents, faults, product_facts)


def _by_part(answer: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The facts and the texts of each locale, and the names of what has no place. The first text counts."""
    parts: dict[str, Any] = {}
    surplus = [key for key in answer if key not in (FACTS_KEY, TEXTS_KEY)]
    if FACTS_KEY in answer:
        parts[FACTS_KEY] = answer[FACTS_KEY]
    texts = answer.get(TEXTS_KEY, [])
    for place, item in enumerate(texts if isinstance(texts, list) else []):
        locale = item.get(LOCALE_KEY) if isinstance(item, dict) else None
        if not isinstance(locale, str) or locale in parts:
            surplus.append(f"{TEXTS_KEY}.{place}")
            continue
        parts[locale] = {key: value for key, value in item.items() if key != LOCALE_KEY}
    return parts, surplus


def _content(plan: ContentPlan | None, value: Any) -> LocaleContent:
    return earlier_content(value) if plan is None else stored_content(plan, value)


def _all_invalid(outcome: Outcome, reason: str, requested: tuple[str, ...]) -> AnswerResult:
    return AnswerResult(outcome, reason, {}, dict.fromkeys(requested, reason))


def _describe(key: str, error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    listed = [
        f"{'.'.join([key, *map(str, problem['loc'])])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in problems[:_MAX_LISTED]
    ]
    more = len(problems) - len(listed)
    return printable("; ".join(listed), _MAX_REASON_LENGTH) + (f"; and {more} more" if more else "")
