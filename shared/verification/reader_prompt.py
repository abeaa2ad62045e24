"""The reader's messages: the constant rubric first, then the record, then the lines.

Azure caches identical leading tokens (from 1,024 on), so nothing about the product comes before its record.
"""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import orjson
from pydantic import BaseModel, ConfigDict

from shared.content.locales import LOCALES
from shared.content.prompts import delimited_record
from shared.content.prompts.guides import guide_for
from shared.content.reader_kinds import ReaderKind, ReaderVerdict
from shared.domain.product import ProductRecord
from shared.verification.numbered_lines import Line, shown_lines

# Stored beside findings, so that precision can be told by version. Raise it with any change of the files.
READER_PROMPT_VERSION = "v1"


class ExampleFinding(BaseModel):
    """What is to be found in an example."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quote: str
    kind: ReaderKind
    verdict: ReaderVerdict
    record: str = ""


class Example(BaseModel):
    """A line of a text, and all that is to be found in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    locale: str
    line: str
    findings: tuple[ExampleFinding, ...] = ()


class Examples(BaseModel):
    """The examples of a version, with the record that all of them are about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: str
    examples: tuple[Example, ...]


def reader_messages(product: ProductRecord, lines: Sequence[Line]) -> list[dict[str, str]]:
    """The chat messages that ask for the findings in `lines`."""
    return [
        {"role": "system", "content": rubric()},
        {
            "role": "user",
            "content": f"<record>\n{delimited_record(product)}\n</record>\n\n"
            f"<texts>\n{shown_lines(lines)}\n</texts>",
        },
    ]


@lru_cache(maxsize=1)
def rubric() -> str:
    """The constant text: the rubric, what each locale is held to, and the examples."""
    text = files(__package__).joinpath("prompts", READER_PROMPT_VERSION, "rubric.md").read_text("utf-8")
    guides = "\n".join(
        f"- {locale}: {guide.language}. {guide.spelling} {guide.address}"
        for locale, guide in ((locale, guide_for(locale)) for locale in LOCALES)
    )
    return f"{text.strip()}\n\nLocales\n{guides}\n\n{_shown_examples(examples())}"


@lru_cache(maxsize=1)
def examples() -> Examples:
    """The examples of the current version."""
    source = files(__package__).joinpath("prompts", READER_PROMPT_VERSION, "examples.toml")
    return Examples.model_validate(tomllib.loads(source.read_text("utf-8")))


def _shown_examples(shown: Examples) -> str:
    lines = [f"Examples; their record is: {shown.record}"]
    for number, example in enumerate(shown.examples, 1):
        findings = [{"line": number, **finding.model_dump()} for finding in example.findings]
        lines += [f"{number} ({example.locale}) {example.line}", orjson.dumps(findings).decode()]
    return "\n".join(lines)
