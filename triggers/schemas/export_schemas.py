"""Requests and responses about exports."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from shared.channels.plain_files import COLUMNS
from shared.domain.task import ChannelName, Export
from triggers.schemas.common_schemas import Arguments, Categories, Locales, Moment, Names, ResponseModel


class ExportArguments(Arguments):
    categories: Categories = Field(default=(), description="names or slugs; left out = all categories")
    locales: Locales = Field(default=(), description="left out = all configured locales")
    updated_since: Moment | None = Field(
        default=None, description="only products whose facts or texts changed since then"
    )
    channel: ChannelName | None = Field(
        default=None, description="the files to write, in one zip; left out = JSON Lines, a file per category"
    )
    columns: Names = Field(
        default=(),
        description="the columns of plain_csv and plain_jsonl, in order; left out = the usual ones",
    )

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        if self.columns and self.channel not in (ChannelName.PLAIN_CSV, ChannelName.PLAIN_JSONL):
            raise ValueError("columns: only the channels plain_csv and plain_jsonl take it")
        unknown = [name[:40] for name in self.columns if name not in COLUMNS]
        if unknown or len(set(self.columns)) != len(self.columns):
            raise ValueError(f"columns: must be some of {', '.join(COLUMNS)}, each once")
        if self.channel == ChannelName.XLIFF and len(self.locales) == 1:
            raise ValueError("locales: XLIFF needs two or more, the first of which is the source")
        return self


class ExportAccepted(ResponseModel):
    export: Export
    location: str = Field(description="where to follow the export")


class ExportFile(ResponseModel):
    category: str
    bytes: int
    url: str = Field(description="a download address that needs no key and expires")
    expires_at: datetime


class ExportArchive(ResponseModel):
    name: str
    bytes: int
    url: str = Field(description="a download address that needs no key and expires")
    expires_at: datetime


class ExportResponse(ResponseModel):
    export: Export
    files: list[ExportFile] = Field(description="empty until the export is completed, and with a channel")
    archive: ExportArchive | None = Field(
        default=None, description="the zip file of an export to a channel, once it is completed"
    )
