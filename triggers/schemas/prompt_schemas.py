"""The report on prompts."""

from pydantic import Field

from shared.monitoring.prompt_report import PromptResults
from triggers.schemas.common_schemas import Answer, Parameters


class PromptReportQuery(Parameters):
    batches: int = Field(default=200, ge=1, le=1000, description="the newest batches that have ended")


class PromptReport(Answer):
    batches: int = Field(description="batches that the figures come from")
    prompts: list[PromptResults]
