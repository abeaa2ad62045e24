"""Compares three descriptions of the same objects: the SDK's types, real lines, and the emulator's output.

`python -m tests.contract.drift` prints the report; `test_drift.py` compares it with the known drift.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from openai.types import Batch, FileObject
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from local.openai_emulator import EmulatorConfig, ManualClock, RunningEmulator, running
from tests.unit.openai_emulator.client import client_of, finish, lines, requests

REAL_LINES = Path(__file__).parents[3] / "shared" / "azure-batch-samples" / "results-6.jsonl"
# Below this path, the keys of objects are data.
_OPAQUE = "response.body.choices[].message.content"


@dataclass
class Drift:
    """Paths (`a.b[].c: type`) that only one side has, and values that the SDK's types refuse."""

    only_real: set[str] = field(default_factory=set)
    only_emulated: set[str] = field(default_factory=set)
    refused_by_sdk: set[str] = field(default_factory=set)
    unknown_to_sdk: set[str] = field(default_factory=set)
    never_sent: set[str] = field(default_factory=set)

    def report(self) -> str:
        """The drift as Markdown."""
        titles = {
            "In real lines, not in the emulator's": self.only_real,
            "In the emulator's lines, not in real ones": self.only_emulated,
            "Refused by the SDK's types": self.refused_by_sdk,
            "Unknown to the SDK's types": self.unknown_to_sdk,
            "In the SDK's types, not sent by the emulator": self.never_sent,
        }
        parts = []
        for title, paths in titles.items():
            listed = "".join(f"- `{path}`\n" for path in sorted(paths)) or "- nothing\n"
            parts.append(f"### {title}\n{listed}")
        return "\n".join(parts)


def compare(real: list[dict[str, Any]], emulator: RunningEmulator) -> Drift:
    """Run a job and compare its objects. `real` are the lines of a real output file."""
    drift = Drift()
    job = finish(emulator, requests(6))
    emulated = lines(emulator, job.output_file_id)
    drift.only_real = _paths(real) - _paths(emulated)
    drift.only_emulated = _paths(emulated) - _paths(real)
    client = client_of(emulator)
    file = client.files.create(file=("in.jsonl", requests(1), "application/jsonl"), purpose="batch")
    _against(drift, Batch, job.to_dict())
    _against(drift, FileObject, file.to_dict())
    _against(drift, FileObject, client.files.retrieve(job.input_file_id).to_dict())
    for line in emulated:
        _against(drift, ChatCompletion, line["response"]["body"])
    return drift


def read_real_lines() -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in REAL_LINES.read_bytes().splitlines() if line.strip()]


def _against(drift: Drift, type_: type[BaseModel], sent: dict[str, Any]) -> None:
    name = type_.__name__
    try:
        parsed = type_.model_validate(sent, strict=True)
    except ValidationError as error:
        drift.refused_by_sdk |= {
            f"{name}.{'.'.join(map(str, each['loc']))} = {each['input']!r}" for each in error.errors()
        }
        return
    drift.unknown_to_sdk |= {f"{name}{path}" for path in _extras(parsed)}
    drift.never_sent |= {f"{name}.{path}" for path in type_.model_fields if path not in sent}


def _extras(model: BaseModel) -> Iterator[str]:
    """Received fields that a type, or a type inside it, does not have."""
    for name in model.model_extra or {}:
        yield f".{name}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, BaseModel):
                yield from (
                    f".{name}{'[]' if isinstance(value, list) else ''}{path}" for path in _extras(each)
                )


def _paths(values: Iterable[Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for value in values:
        if isinstance(value, dict) and prefix != _OPAQUE:
            for key, child in value.items():
                found |= _paths([child], f"{prefix}.{key}".lstrip("."))
        elif isinstance(value, list):
            found |= _paths(value, f"{prefix}[]")
        else:
            found.add(f"{prefix}: {type(value).__name__}")
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = EmulatorConfig(data=Path(folder), port=0, job_seconds=60)
        with running(config, ManualClock()) as emulator:
            sys.stdout.write(compare(read_real_lines(), emulator).report())


if __name__ == "__main__":
    main()
