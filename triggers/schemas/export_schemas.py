"""Exports."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from shared.domain.task import Export
from triggers.schemas.common_schemas import Answer, Body, Locales


class ExportBody(Body):
    categories: tuple[str, ...] = Field(default=(), max_length=1000, description="names or slugs; none = all")
    locales: Locales = Field(default=(), description="none = all that are configured")
    updated_since: AwareDatetime | None = Field(
        default=None, description="only products whose facts or texts were written since"
    )


class ExportAccepted(Answer):
    export: Export
    location: str = Field(description="where it can be watched")


class ExportFile(Answer):
    category: str
    bytes: int
    url: str = Field(description="works without a key until it expires")
    expires_at: datetime


class ExportAnswer(Answer):
    export: Export
    files: list[ExportFile] = Field(description="empty until it is completed")
