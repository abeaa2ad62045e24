"""What a check comes to."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Could not be made, because an earlier one failed or the network was not to be used."""
    NOT_SET = "not set"
    """An optional part that is not configured."""


@dataclass(frozen=True)
class Check:
    """One check's outcome: what was found, and for a failure what to do about it, a line each."""

    name: str
    state: State
    said: str
    remedy: str = ""


def ok(name: str, said: str) -> Check:
    return Check(name, State.OK, said)


def failed(name: str, said: str, remedy: str) -> Check:
    # What servers say may have many lines; a check has one.
    return Check(name, State.FAILED, " ".join(said.split()), remedy)


def skipped(name: str, why: str) -> Check:
    return Check(name, State.SKIPPED, why)
