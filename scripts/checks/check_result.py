"""The result of one check of the doctor."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not made, because an earlier check failed or `--offline` was given."""
    NOT_SET = "not set"
    """An optional part that is not configured."""


@dataclass(frozen=True)
class Check:
    """One check's result. `said` is what was found, in one line. `remedy` is what to do about a failure."""

    name: str
    state: State
    said: str
    remedy: str = ""


def ok(name: str, said: str) -> Check:
    return Check(name, State.OK, said)


def failed(name: str, said: str, remedy: str) -> Check:
    # Messages of servers may have several lines.
    return Check(name, State.FAILED, " ".join(said.split()), remedy)


def skipped(name: str, why: str) -> Check:
    return Check(name, State.SKIPPED, why)
