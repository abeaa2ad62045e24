"""The evaluation set: products, texts, and every lapse in them as its writer listed it.

`samples/verification/README.md` describes the files.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.content.text_fields import TextField
from shared.domain.product import ProductRecord
from shared.verification.numbered_lines import Line, numbered
from shared.verification.verbatim import find_words


class BadEvaluationSet(Exception):
    """A file of the set is not as it should be; the text says which, and what to do."""


class Lapse(BaseModel):
    """Something wrong in a text: its exact words, what kind of lapse it is, and why it is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    locale: str
    field: str
    quote: str
    kind: str
    why: str = ""


class CaseFile(BaseModel):
    """One file of the set: a product and its texts, by locale and path of the field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: ProductRecord
    written_by: str
    texts: dict[str, dict[str, str]]
    lapses: tuple[Lapse, ...] = ()


@dataclass(frozen=True)
class PlacedLapse:
    """A lapse and its place: a span of a numbered line."""

    lapse: Lapse
    number: int
    start: int
    end: int


@dataclass(frozen=True)
class EvaluationCase:
    """A case that was checked: every lapse is at its stated place."""

    name: str
    product: ProductRecord
    written_by: str
    lines: tuple[Line, ...]
    lapses: tuple[PlacedLapse, ...]

    @cached_property
    def digest(self) -> str:
        """A short hash of the lines: recorded answers about other lines are of no use."""
        shown = orjson.dumps([[line.locale, line.field, line.text] for line in self.lines])
        return hashlib.sha256(shown).hexdigest()[:16]

    @property
    def locales(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.locale for line in self.lines))

    def faithful(self, locale: str) -> bool:
        """Whether the text of a locale has no lapse."""
        return all(each.lapse.locale != locale for each in self.lapses)


def read_set(folder: Path, only: Iterable[str] = ()) -> list[EvaluationCase]:
    """The cases of a folder, by name; with `only`, those named.

    Raises:
        BadEvaluationSet: when there is none, or a file is not a case.
    """
    wanted = set(only)
    paths = [path for path in sorted(folder.glob("*.json")) if not wanted or path.stem in wanted]
    missing = wanted - {path.stem for path in paths}
    if missing or not paths:
        what = ", ".join(sorted(missing)) or "any case"
        raise BadEvaluationSet(f"{folder} does not have {what}; cases are files <name>.json.")
    return [_read(path) for path in paths]


def _read(path: Path) -> EvaluationCase:
    try:
        file = CaseFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise BadEvaluationSet(f"{path}: {place or 'the file'}: {problem['msg']}") from None
    return case_of_texts(path.stem, file.product, file.written_by, file.texts, file.lapses)


def case_of_texts(
    name: str,
    product: ProductRecord,
    written_by: str,
    texts: dict[str, dict[str, str]],
    lapses: Iterable[Lapse],
) -> EvaluationCase:
    """A case from its parts.

    Raises:
        BadEvaluationSet: when a lapse is not at its stated place.
    """
    fields = {
        locale: [TextField(path, text) for path, text in each.items()] for locale, each in texts.items()
    }
    lines = numbered(fields)
    by_place = {(line.locale, line.field): line for line in lines}
    placed = []
    for lapse in lapses:
        line = by_place.get((lapse.locale, lapse.field))
        span = find_words(line.text, lapse.quote) if line else None
        if line is None or span is None:
            raise BadEvaluationSet(
                f"{name}: the lapse «{lapse.quote}» is not in {lapse.locale} {lapse.field}; "
                "quote it letter by letter."
            )
        placed.append(PlacedLapse(lapse, line.number, *span))
    return EvaluationCase(name, product, written_by, lines, tuple(placed))
