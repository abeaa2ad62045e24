"""Importing a catalogue."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.domain.run import ImportReport
from triggers.schemas.common_schemas import Answer, Parameters


class ImportQuery(Parameters):
    blob: str | None = Field(
        default=None,
        pattern=r"^uploads/[0-9]{15}-[0-9a-f]{10}\.(csv|json|jsonl)$",
        description="a file that was uploaded to the address of `upload-url`, in place of a body",
    )
    full_feed: bool = Field(
        default=False, description="the file names everything: what it does not name is discontinued"
    )
    dry_run: bool = Field(
        default=False,
        description="store nothing; the report says what the import would do, and how many products of the "
        "shop a full feed leaves out (`absent`)",
    )


class FileFormat(StrEnum):
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


class UploadQuery(Parameters):
    format: FileFormat


class UploadAnswer(Answer):
    upload_url: str = Field(description="PUT the file here, as a block blob, until it expires")
    expires_at: datetime
    blob: str
    location: str = Field(description="POST here, without a body, when the file is there")


class ImportAnswer(Answer):
    report: ImportReport = Field(serialization_alias="import")


class ImportAccepted(ImportAnswer):
    location: str = Field(description="where the import can be watched")
