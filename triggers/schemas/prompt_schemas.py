"""Request and response of the prompt report."""

from pydantic import Field

from shared.monitoring.prompt_report import PromptResults
from triggers.schemas.common_schemas import Parameters, ResponseModel


class PromptReportQuery(Parameters):
    batches: int = Field(
        default=200, ge=1, le=1000, description="how many of the newest ended batches to include"
    )


class PromptReport(ResponseModel):
    batches: int = Field(description="how many batches the figures include")
    prompts: list[PromptResults]
