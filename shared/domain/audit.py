"""`AuditEntry`: one action of a key or a timer. `TimerRun`: the latest run of a timer."""

from datetime import datetime

from pydantic import Field

from shared.domain.stored import Stored


class AuditEntry(Stored):
    """One action on the system, by the holder of a key or by a timer."""

    at: datetime
    who: str = Field(description="fingerprint of the key, or name of the timer")
    did: str = Field(description="id of the operation in the OpenAPI document")
    what: str = Field(default="", description="id or address of the object of the action")


class TimerRun(Stored):
    """The latest run of a timer that finished."""

    name: str
    last_at: datetime
    said: str = Field(default="", description="what the run did")
