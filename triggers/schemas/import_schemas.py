"""Requests and responses about catalogue imports."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.domain.run import ImportReport
from triggers.schemas.common_schemas import Parameters, ResponseModel


class ImportQuery(Parameters):
    blob: str | None = Field(
        default=None,
        pattern=r"^uploads/[0-9]{15}-[0-9a-f]{10}\.(csv|json|jsonl)$",
        description="a file uploaded to an address from `upload-url`; replaces the body",
    )
    full_feed: bool = Field(
        default=False,
        description="the file is the complete catalogue: products missing from it are discontinued",
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


class UploadResponse(ResponseModel):
    upload_url: str = Field(description="PUT the file here as a block blob before the address expires")
    expires_at: datetime
    blob: str
    location: str = Field(description="POST here without a body once the file is uploaded")


class ImportResponse(ResponseModel):
    report: ImportReport = Field(serialization_alias="import")


class ImportAccepted(ImportResponse):
    location: str = Field(description="where to follow the import")
