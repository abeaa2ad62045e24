"""Requests and responses about exports."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from shared.domain.task import Export
from triggers.schemas.common_schemas import Body, Locales, ResponseModel


class ExportBody(Body):
    categories: tuple[str, ...] = Field(
        default=(), max_length=1000, description="names or slugs; empty = all"
    )
    locales: Locales = Field(default=(), description="empty = all configured locales")
    updated_since: AwareDatetime | None = Field(
        default=None, description="only products whose facts or texts changed since then"
    )


class ExportAccepted(ResponseModel):
    export: Export
    location: str = Field(description="where to follow the export")


class ExportFile(ResponseModel):
    category: str
    bytes: int
    url: str = Field(description="a download address that needs no key and expires")
    expires_at: datetime


class ExportResponse(ResponseModel):
    export: Export
    files: list[ExportFile] = Field(description="empty until the export is completed")
