"""What a batch, a run or a product waits for: the kinds, and the fields of a record that say so."""

from datetime import datetime
from enum import StrEnum
from typing import Any


class WaitReason(StrEnum):
    """A kind of wait. Stored in batches as `wait_kind`."""

    POLL = "poll"
    QUOTA = "quota"
    BACK_OFF = "back_off"
    ACCESS = "access"
    """Azure OpenAI cannot be used: a key, an address, the network or a deployment must be corrected first."""
    CAP = "cap"
    RUN = "run"


def waiting(kind: WaitReason, on: str, since: datetime) -> dict[str, Any]:
    """The changes of a batch's record that say what it waits for, by field name."""
    return {"wait_kind": kind, "waits_for": on, "waits_since": since}


NOT_WAITING: dict[str, Any] = {"wait_kind": None, "waits_for": None, "waits_since": None}
"""The changes of a batch's record that end a wait."""
