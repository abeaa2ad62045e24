"""`AuditEntry`: something that somebody did; `TimerRun`: when a timer was here last."""

from datetime import datetime

from pydantic import BaseModel, Field


class AuditEntry(BaseModel):
    """One act on the system: by a person with a key, or by a timer."""

    at: datetime
    who: str = Field(description="a key by its fingerprint, or the name of a timer")
    did: str = Field(description="the operation, by its id in the API's description")
    what: str = Field(default="", description="the id of what it was done to, or its address")


class TimerRun(BaseModel):
    """The latest time that a timer did its work to the end."""

    name: str
    last_at: datetime
    said: str = Field(default="", description="what it did")
