"""A reader's requests for one product: as few as its lines fit into, each with what it weighs at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import orjson

from shared.content.prompt_record import build_prompt_record
from shared.content.token_count import count_tokens
from shared.domain.product import ProductRecord
from shared.verification.numbered_lines import Line, shown_lines
from shared.verification.reader_prompt import reader_messages, rubric
from shared.verification.reader_schema import READER_RESPONSE_FORMAT

# Output tokens that a request may use: those of one finding in every third line, and of twelve in a short
# request. Texts full of faults had one in every seventh line, of 31 tokens on average (docs/verification.md).
FINDING_TOKENS = 45
_LINES_A_FINDING = 3
_LEAST_FINDINGS = 12
# Hidden tokens of a reasoning model count against its cap.
_REASONING_TOKENS = 8_000
# Two messages at 4 each, and 3 for the answer's start.
_FRAMING = 11


@dataclass(frozen=True)
class ReaderLimits:
    """What one request may weigh: longer requests are read with less care, and cut off more easily."""

    input_tokens: int = 16_000
    output_tokens: int = 8_000


DEFAULT_READER_LIMITS = ReaderLimits()


@dataclass(frozen=True)
class ReaderRequest:
    """One request: the lines that it asks about, its messages, and what they weigh.

    `tokens` are counted as the service counts them; `most_output_tokens` is the cap without the hidden
    tokens of reasoning models.
    """

    lines: tuple[Line, ...]
    messages: list[dict[str, str]]
    tokens: int
    most_output_tokens: int

    def body(self, deployment: str, model_kind: Literal["chat", "reasoning"] = "chat") -> dict[str, Any]:
        """The chat completion, the same in a batch and online."""
        return {
            "model": deployment,
            "messages": self.messages,
            "response_format": READER_RESPONSE_FORMAT,
            **_limits(model_kind, output_cap(self.most_output_tokens, model_kind)),
        }


def output_cap(most_output_tokens: int, model_kind: Literal["chat", "reasoning"]) -> int:
    """Output tokens that are charged at most, hidden ones included."""
    return most_output_tokens + (_REASONING_TOKENS if model_kind == "reasoning" else 0)


def reader_requests(
    product: ProductRecord, lines: Sequence[Line], limits: ReaderLimits = DEFAULT_READER_LIMITS
) -> list[ReaderRequest]:
    """The requests that ask about all `lines`: one where they fit, otherwise cut between locales.

    A locale that does not fit by itself is cut between its lines; a line that does not fit even alone makes
    a request of its own, since half a line cannot be judged.
    """
    return [_request(product, each) for each in _cut(tuple(lines), _Scales(product, limits)) if each]


def halves(product: ProductRecord, request: ReaderRequest) -> list[ReaderRequest]:
    """The same lines in two requests, for an answer that was cut off; one line stays one request."""
    middle = (len(request.lines) + 1) // 2
    parts = (request.lines[:middle], request.lines[middle:])
    return [_request(product, part) for part in parts if part]


class _Scales:
    """Weighs lines; the rubric, the schema and the record weigh the same in each request."""

    def __init__(self, product: ProductRecord, limits: ReaderLimits) -> None:
        self._constant = (
            _constant_tokens() + count_tokens(orjson.dumps(build_prompt_record(product)).decode()) + 20
        )
        self._limits = limits

    def fit(self, lines: Sequence[Line]) -> bool:
        tokens = self._constant + count_tokens(shown_lines(lines))
        return tokens <= self._limits.input_tokens and most_output(len(lines)) <= self._limits.output_tokens


def _cut(lines: tuple[Line, ...], scales: _Scales) -> list[tuple[Line, ...]]:
    if len(lines) < 2 or scales.fit(lines):
        return [lines]
    locales = list(dict.fromkeys(line.locale for line in lines))
    if len(locales) > 1:
        first = frozenset(locales[: (len(locales) + 1) // 2])
        parts = (
            tuple(line for line in lines if line.locale in first),
            tuple(line for line in lines if line.locale not in first),
        )
    else:
        middle = (len(lines) + 1) // 2
        parts = (lines[:middle], lines[middle:])
    return [piece for part in parts for piece in _cut(part, scales)]


def _request(product: ProductRecord, lines: tuple[Line, ...]) -> ReaderRequest:
    messages = reader_messages(product, lines)
    tokens = _constant_tokens() + count_tokens(messages[1]["content"])
    return ReaderRequest(lines, messages, tokens, most_output(len(lines)))


def most_output(lines: int) -> int:
    """The output cap of a request with this many lines."""
    return FINDING_TOKENS * max(_LEAST_FINDINGS, -(-lines // _LINES_A_FINDING))


@lru_cache(maxsize=1)
def _constant_tokens() -> int:
    schema = orjson.dumps(READER_RESPONSE_FORMAT["json_schema"]["schema"]).decode()
    return count_tokens(rubric()) + count_tokens(schema) + _FRAMING


def _limits(model_kind: Literal["chat", "reasoning"], most: int) -> dict[str, Any]:
    # Reasoning models refuse max_tokens, and every temperature except their default.
    if model_kind == "reasoning":
        return {"max_completion_tokens": most}
    return {"max_tokens": most, "temperature": 0}
