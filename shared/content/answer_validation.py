"""Judging an answer: from the model's text to validated content, locale by locale."""

from dataclasses import dataclass, field

import orjson
from pydantic import ValidationError

from shared.content.control_characters import shown
from shared.content.families import Family
from shared.content.product_facts import FACTS_KEY, ProductFacts
from shared.content.sections import LocaleContent
from shared.domain.outcome import Outcome

_SHOWN = 3
# The keys of an answer are the model's, and so they end up in what is said of it.
_REASON_LENGTH = 500


class WrongFamily(Exception):
    """The block of sound characteristics is another family's."""


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth: each valid locale in `contents`, a reason for each other in `faults`.

    `facts` are there when they were asked for and are valid; otherwise `faults` says why, under `facts`.
    """

    outcome: Outcome
    reason: str = ""
    contents: dict[str, LocaleContent] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    facts: ProductFacts | None = None


def judge(
    text: str, locales: tuple[str, ...], *, facts: bool = False, family: Family | None = None
) -> Verdict:
    """Validate an answer that was asked for in `locales`; each fault names its field.

    `facts`: whether the request asked for them. With `family`, the block of sound characteristics must be
    that family's; without, any family's will do.
    """
    asked = (FACTS_KEY, *locales) if facts else locales
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _nothing(Outcome.INVALID_JSON, f"the answer is not JSON: {error}", asked)
    if not isinstance(answer, dict):
        return _nothing(Outcome.SCHEMA_INVALID, "the answer is not an object", asked)
    contents: dict[str, LocaleContent] = {}
    faults: dict[str, str] = {}
    product_facts: ProductFacts | None = None
    for key in asked:
        if key not in answer:
            faults[key] = f"{key}: missing from the answer"
            continue
        try:
            if key == FACTS_KEY:
                product_facts = ProductFacts.model_validate(answer[key])
            else:
                contents[key] = _of_family(LocaleContent.model_validate(answer[key]), family)
        except ValidationError as error:
            faults[key] = _say(key, error)
        except WrongFamily as error:
            faults[key] = f"{key}.technical_analysis.sound_characteristics: {error}"
    # What was not asked for is said and dropped; it takes nothing from what is good.
    surplus = [shown(f"{key}: not asked for, ignored", _REASON_LENGTH) for key in answer if key not in asked]
    reason = "; ".join([*faults.values(), *surplus[:_SHOWN]])
    outcome = Outcome.SCHEMA_INVALID if faults else Outcome.STORED
    return Verdict(outcome, reason, contents, faults, product_facts)


def _of_family(content: LocaleContent, family: Family | None) -> LocaleContent:
    found = content.technical_analysis.sound_characteristics.family
    if family is not None and found != family:
        raise WrongFamily(f"is the block of {found}, {family} was asked for")
    return content


def _nothing(outcome: Outcome, reason: str, asked: tuple[str, ...]) -> Verdict:
    return Verdict(outcome, reason, {}, dict.fromkeys(asked, reason))


def _say(key: str, error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    said = [
        f"{'.'.join([key, *map(str, problem['loc'])])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in problems[:_SHOWN]
    ]
    more = len(problems) - len(said)
    return shown("; ".join(said), _REASON_LENGTH) + (f"; and {more} more" if more else "")
