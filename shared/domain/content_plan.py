"""The plan of a product's texts: which parts are asked for, and how deep. It follows from the record.

`shared/content/planning.py` makes plans. The manifest keeps the plan of each product, so that its answers are
validated and checked against what was asked.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Depth(StrEnum):
    """How much a record can carry."""

    MINIMAL = "minimal"
    SHORT = "short"
    STANDARD = "standard"
    FULL = "full"


class ContentPlan(BaseModel):
    """What is asked for a product, in each of its locales."""

    model_config = ConfigDict(frozen=True)

    depth: Depth
    family: str = Field(description="the instrument family that the parts were chosen for")
    facts: int = Field(description="number of facts in the record")
    parts: tuple[str, ...] = Field(description="names of the parts, in the order of the answer")
