"""Requests and responses about exports."""

from datetime import datetime

from pydantic import Field

from shared.domain.task import Export
from triggers.schemas.common_schemas import Arguments, Categories, Locales, Moment, ResponseModel


class ExportArguments(Arguments):
    categories: Categories = Field(default=(), description="names or slugs; left out = all categories")
    locales: Locales = Field(default=(), description="left out = all configured locales")
    updated_since: Moment | None = Field(
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
