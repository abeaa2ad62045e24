"""HTTP: importing the catalogue."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, NotFound, PayloadTooLarge, UnsupportedMedia
from shared.domain.run import ImportReport
from shared.services import Services
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.import_schemas import (
    FileFormat,
    ImportAccepted,
    ImportAnswer,
    ImportQuery,
    UploadAnswer,
    UploadQuery,
)
from triggers.start_work import new_id, start_import

bp = df.Blueprint()

# The platform's front end takes 100 MB on older hosts (see docs/architecture.md).
_MOST_BYTES = 100 * 1024 * 1024
_SPOOL_BYTES = 4 * 1024 * 1024

_FORMATS = {
    "text/csv": FileFormat.CSV,
    "application/csv": FileFormat.CSV,
    "application/json": FileFormat.JSON,
    "application/jsonl": FileFormat.JSONL,
    "application/x-ndjson": FileFormat.JSONL,
    "application/x-jsonlines": FileFormat.JSONL,
}


@operation(
    bp,
    "POST",
    "v1/products/import",
    scope=Scope.OPERATE,
    answers={202: ImportAccepted},
    errors=(404, 413, 415),
    uploads=tuple(_FORMATS),
    starts=True,
)
async def import_products(call: Call, query: ImportQuery) -> Reply:
    """Import a catalogue file: the body, in the format that its Content-Type names, or an uploaded blob."""
    services = await asyncio.to_thread(get_services)
    if query.blob:
        report = await asyncio.to_thread(_take_blob, services, query.blob, query.full_feed)
    else:
        body, file_format = _body(call)
        report = await asyncio.to_thread(_spool, services, body, file_format, query.full_feed)
    await start_import(call.client, report.import_id)
    location = _location(report)
    return accepted(ImportAccepted(report=report, location=location), location)


@operation(bp, "POST", "v1/products/upload-url", scope=Scope.OPERATE, answers={200: UploadAnswer})
def upload_url(call: Call, query: UploadQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """An address to upload a catalogue file to, for files beyond the platform's body limit."""
    blob = f"uploads/{new_id()}.{query.format}"
    signed = get_services().signer.sign(blob, "upload")
    location = f"/api/v1/products/import?blob={blob}"
    return Reply(
        UploadAnswer(upload_url=signed.url, expires_at=signed.expires_at, blob=blob, location=location)
    )


@operation(
    bp, "GET", "v1/imports/{import_id}", scope=Scope.READ, answers={200: ImportAnswer}, errors=(404, 409)
)
def get_import(call: Call) -> Reply:
    """What an import has done so far, and what became of every row."""
    return Reply(ImportAnswer(report=get_services().imports.get(call.path["import_id"])))


def _body(call: Call) -> tuple[bytes, FileFormat]:
    media_type = (call.header("Content-Type") or "").split(";")[0].strip().lower()
    if media_type not in _FORMATS:
        raise UnsupportedMedia(
            f"Content-Type {media_type or '(none)'!r} is not read; send one of {', '.join(_FORMATS)}.",
            accepted=list(_FORMATS),
        )
    body: bytes = call.request.get_body()
    if not body:
        raise InvalidRequest("The body is empty; send the catalogue file as the body.")
    if len(body) > _MOST_BYTES:
        raise PayloadTooLarge(
            f"The body has {len(body)} bytes; at most {_MOST_BYTES} are taken. "
            "POST /api/v1/products/upload-url gives an address for larger files."
        )
    return body, _FORMATS[media_type]


def _spool(services: Services, body: bytes, file_format: FileFormat, full_feed: bool) -> ImportReport:
    blob = f"imports/{new_id()}.{file_format}"
    services.blobs.write(blob, (body[i : i + _SPOOL_BYTES] for i in range(0, len(body), _SPOOL_BYTES)))
    return _create(services, blob, full_feed)


def _take_blob(services: Services, blob: str, full_feed: bool) -> ImportReport:
    if not services.blobs.exists(blob):
        raise NotFound(f"Nothing was uploaded to {blob!r} yet.")
    return _create(services, blob, full_feed)


def _create(services: Services, blob: str, full_feed: bool) -> ImportReport:
    report = ImportReport(
        import_id=new_id(),
        format=blob.rsplit(".", 1)[1],
        blob=blob,
        full_feed=full_feed,
        created_at=utcnow(),
    )
    services.imports.create(report)
    return report


def _location(report: ImportReport) -> str:
    return f"/api/v1/imports/{report.import_id}"
