"""What an activity of a batch returns to the orchestration: the next step, and the wait before it."""

from typing import TypedDict

DONE = "done"


class Step(TypedDict):
    """`next` is the name of an activity, or `DONE`."""

    next: str
    wait_seconds: int
