"""Judging an answer: from the model's text to validated content, locale by locale."""

from dataclasses import dataclass, field

import orjson
from pydantic import ValidationError

from shared.content.sections import LocaleContent
from shared.content.texts import shown
from shared.models.outcome import Outcome

_SHOWN = 3
# The keys of an answer are the model's, and so they end up in what is said of it.
_REASON_LENGTH = 500


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth: each valid locale in `contents`, a reason for each other in `faults`."""

    outcome: Outcome
    reason: str = ""
    contents: dict[str, LocaleContent] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def judge(text: str, locales: tuple[str, ...]) -> Verdict:
    """Validate an answer that was asked for in `locales`; each fault names its field."""
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _nothing(Outcome.INVALID_JSON, f"the answer is not JSON: {error}", locales)
    if not isinstance(answer, dict):
        return _nothing(Outcome.SCHEMA_INVALID, "the answer is not an object", locales)
    contents: dict[str, LocaleContent] = {}
    faults: dict[str, str] = {}
    for locale in locales:
        if locale not in answer:
            faults[locale] = f"{locale}: missing from the answer"
            continue
        try:
            contents[locale] = LocaleContent.model_validate(answer[locale])
        except ValidationError as error:
            faults[locale] = _say(locale, error)
    # What was not asked for is said and dropped; it takes nothing from what is good.
    surplus = [
        shown(f"{key}: not asked for, ignored", _REASON_LENGTH) for key in answer if key not in locales
    ]
    reason = "; ".join([*faults.values(), *surplus[:_SHOWN]])
    return Verdict(Outcome.SCHEMA_INVALID if faults else Outcome.STORED, reason, contents, faults)


def _nothing(outcome: Outcome, reason: str, locales: tuple[str, ...]) -> Verdict:
    return Verdict(outcome, reason, {}, dict.fromkeys(locales, reason))


def _say(locale: str, error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    said = [
        f"{'.'.join([locale, *map(str, problem['loc'])])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in problems[:_SHOWN]
    ]
    more = len(problems) - len(said)
    return shown("; ".join(said), _REASON_LENGTH) + (f"; and {more} more" if more else "")
