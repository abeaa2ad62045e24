"""What the reader answers: findings and nothing else, in a strict schema."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.content.reader_kinds import ReaderKind, ReaderVerdict

# Many times the longest text of an answer; longer words are no quotation.
_Words = Annotated[str, StringConstraints(max_length=2_000)]


class RawFinding(BaseModel):
    """A finding as the reader states it, not checked yet."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    line: int
    quote: _Words
    kind: ReaderKind
    verdict: ReaderVerdict
    record: _Words = ""


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


# A model decides in the order in which it writes: first the words, then what they are, then the proof.
READER_RESPONSE_FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "text_findings",
        "strict": True,
        "schema": _object(
            {
                "findings": {
                    "type": "array",
                    "items": _object(
                        {
                            "line": {"type": "integer"},
                            "quote": {"type": "string"},
                            "kind": {"type": "string", "enum": list(ReaderKind)},
                            "verdict": {"type": "string", "enum": list(ReaderVerdict)},
                            "record": {"type": "string"},
                        }
                    ),
                }
            }
        ),
    },
}
