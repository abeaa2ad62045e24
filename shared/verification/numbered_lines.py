"""A product's texts as numbered lines: what the reader is shown, and what its findings refer to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.content.text_fields import TextField

# A line must not end the block that contains it; `find_words` takes these for the same signs.
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})


@dataclass(frozen=True)
class Line:
    """One text of one locale. `number` is its id in a request: a single token, where a path has ten."""

    number: int
    locale: str
    field: str
    text: str


def numbered(texts: Mapping[str, Iterable[TextField]]) -> tuple[Line, ...]:
    """The texts of each locale, numbered through from 1."""
    fields = [(locale, field) for locale, fields in texts.items() for field in fields]
    return tuple(
        Line(number, locale, field.path, field.text) for number, (locale, field) in enumerate(fields, 1)
    )


def shown_lines(lines: Sequence[Line]) -> str:
    """The lines as the reader sees them: a heading for each locale, then one line for each text."""
    shown: list[str] = []
    locale = ""
    for line in lines:
        if line.locale != locale:
            locale = line.locale
            shown.append(f"## {locale}")
        shown.append(f"{line.number} {' '.join(line.text.split()).translate(_BRACKETS)}")
    return "\n".join(shown)
