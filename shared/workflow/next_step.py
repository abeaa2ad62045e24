"""What an activity of a batch tells the orchestration: which step is next, and how long to wait first."""

from typing import TypedDict

DONE = "done"


class Step(TypedDict):
    """`next` is the name of an activity, or `DONE`."""

    next: str
    wait_seconds: int
