"""Validates an answer: from the model's text to typed content, each locale on its own.

The messages of invalid parts go back to the model when the part is requested again.
"""

from dataclasses import dataclass, field

import orjson
from pydantic import ValidationError

from shared.content.control_characters import printable
from shared.content.families import Family
from shared.content.product_facts import FACTS_KEY, ProductFacts
from shared.content.sections import LocaleContent
from shared.domain.outcome import Outcome

_MAX_LISTED = 3
# The reason quotes keys of the answer, and the model may write a key of any length.
_MAX_REASON_LENGTH = 500


class WrongFamily(Exception):
    """The sound characteristics are those of another instrument family."""


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
    text: str, locales: tuple[str, ...], *, facts: bool = False, family: Family | None = None
) -> AnswerResult:
    """Validate the answer to a request for `locales`; each fault names its field.

    `facts` says whether the request asked for the product's facts. With `family`, the sound characteristics
    must be those of that family. Without it, those of any family are valid.
    """
    requested = (FACTS_KEY, *locales) if facts else locales
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _all_invalid(Outcome.INVALID_JSON, f"the answer is not JSON: {error}", requested)
    if not isinstance(answer, dict):
        return _all_invalid(Outcome.SCHEMA_INVALID, "the answer is not an object", requested)
    contents: dict[str, LocaleContent] = {}
    faults: dict[str, str] = {}
    product_facts: ProductFacts | None = None
    for key in requested:
        if key not in answer:
            faults[key] = f"{key}: missing from the answer"
            continue
        try:
            if key == FACTS_KEY:
                product_facts = ProductFacts.model_validate(answer[key])
            else:
                contents[key] = _require_family(LocaleContent.model_validate(answer[key]), family)
        except ValidationError as error:
            faults[key] = _describe(key, error)
        except WrongFamily as error:
            faults[key] = f"{key}.technical_analysis.sound_characteristics: {error}"
    # Surplus keys are reported and ignored. They do not make the rest of the answer invalid.
    surplus = [
        printable(f"{key}: not asked for, ignored", _MAX_REASON_LENGTH)
        for key in answer
        if key not in requested
    ]
    reason = "; ".join([*faults.values(), *surplus[:_MAX_LISTED]])
    outcome = Outcome.SCHEMA_INVALID if faults else Outcome.STORED
    return AnswerResult(outcome, reason, contents, faults, product_facts)


def _require_family(content: LocaleContent, family: Family | None) -> LocaleContent:
    actual = content.technical_analysis.sound_characteristics.family
    if family is not None and actual != family:
        raise WrongFamily(f"is the block of {actual}, {family} was asked for")
    return content


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
