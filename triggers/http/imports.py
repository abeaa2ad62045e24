"""HTTP: catalogue imports."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest, NotFound, PayloadTooLarge, UnsupportedMedia
from shared.domain.run import ImportReport
from shared.monitoring.seen import mark_seen
from shared.services import Services
from triggers.api.json_body import refuse_body
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.import_schemas import (
    FileFormat,
    ImportAccepted,
    ImportQuery,
    ImportResponse,
    UploadQuery,
    UploadResponse,
)
from triggers.start_work import new_id, start_import

bp = df.Blueprint()

_MB = 1024 * 1024
# Older Functions front ends accept at most 100 MB (see docs/architecture.md).
_LARGEST_BODY = {FileFormat.CSV: 100 * _MB, FileFormat.JSON: 100 * _MB, FileFormat.JSONL: 100 * _MB}
# Reading JSON takes twice as long as CSV (docs/catalogue.md), and an import must end within the host's limit.
_LARGEST_UPLOAD = {FileFormat.CSV: 1024 * _MB, FileFormat.JSON: 512 * _MB, FileFormat.JSONL: 1024 * _MB}
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
    responses={202: ImportAccepted},
    errors=(404, 413, 415),
    uploads=tuple(_FORMATS),
    starts=True,
)
async def import_products(call: Call, query: ImportQuery) -> Reply:
    """Import a catalogue file: the request body in the format of its Content-Type, or an uploaded blob."""
    services = await asyncio.to_thread(get_services)
    if query.blob:
        refuse_body(call.request)
        report = await asyncio.to_thread(_create_from_upload, services, query.blob, query)
    else:
        body, file_format = _body(call)
        report = await asyncio.to_thread(_create_from_body, services, body, file_format, query)
    await start_import(call.client, report.import_id)
    location = _location(report)
    return accepted(ImportAccepted(report=report, location=location), location)


@operation(bp, "POST", "v1/products/upload-url", scope=Scope.OPERATE, responses={200: UploadResponse})
def upload_url(call: Call, query: UploadQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Return an address for uploading a catalogue file that is larger than the limit of a request body."""
    blob = f"uploads/{new_id()}.{query.format}"
    signed = get_services().signer.sign(blob, "upload")
    location = f"/api/v1/products/import?blob={blob}"
    return Reply(
        UploadResponse(upload_url=signed.url, expires_at=signed.expires_at, blob=blob, location=location)
    )


@operation(
    bp, "GET", "v1/imports/{import_id}", scope=Scope.READ, responses={200: ImportResponse}, errors=(404, 409)
)
def get_import(call: Call) -> Reply:
    """Return the progress of an import: counts of rows, and every row with a problem."""
    return Reply(ImportResponse(report=get_services().imports.get(call.path["import_id"])))


@operation(
    bp,
    "POST",
    "v1/imports/{import_id}/seen",
    scope=Scope.OPERATE,
    responses={200: ImportResponse},
    errors=(404, 409),
)
def mark_import_seen(call: Call) -> Reply:
    """Mark an import that failed or rejected rows as seen: it no longer needs a person. Safe to repeat."""
    return Reply(ImportResponse(report=mark_seen(get_services().imports, call.path["import_id"])))


def _body(call: Call) -> tuple[bytes, FileFormat]:
    media_type = (call.header("Content-Type") or "").split(";")[0].strip().lower()
    if media_type not in _FORMATS:
        raise UnsupportedMedia(
            f"Content-Type {media_type or '(none)'!r} is not supported. Send one of {', '.join(_FORMATS)}.",
            accepted=list(_FORMATS),
        )
    body: bytes = call.request.get_body()
    if not body:
        raise InvalidRequest("The body is empty. Send the catalogue file as the body.")
    file_format = _FORMATS[media_type]
    if len(body) > _LARGEST_BODY[file_format]:
        raise PayloadTooLarge(
            f"The body has {len(body)} bytes; the limit for {file_format} is {_LARGEST_BODY[file_format]}. "
            "POST /api/v1/products/upload-url returns an upload address for larger files."
        )
    return body, file_format


def _create_from_body(
    services: Services, body: bytes, file_format: FileFormat, query: ImportQuery
) -> ImportReport:
    blob = f"imports/{new_id()}.{file_format}"
    services.blobs.write(blob, (body[i : i + _SPOOL_BYTES] for i in range(0, len(body), _SPOOL_BYTES)))
    return _create(services, blob, query)


def _create_from_upload(services: Services, blob: str, query: ImportQuery) -> ImportReport:
    size = services.blobs.sizes(blob).get(blob)
    if size is None:
        raise NotFound(f"No file was uploaded to {blob!r} yet.")
    largest = _LARGEST_UPLOAD[FileFormat(blob.rsplit(".", 1)[1])]
    if size > largest:
        raise PayloadTooLarge(f"The file has {size} bytes; the limit is {largest}. Split it.")
    return _create(services, blob, query)


def _create(services: Services, blob: str, query: ImportQuery) -> ImportReport:
    report = ImportReport(
        import_id=new_id(),
        format=blob.rsplit(".", 1)[1],
        blob=blob,
        full_feed=query.full_feed,
        dry_run=query.dry_run,
        created_at=utcnow(),
    )
    services.imports.create(report)
    return report


def _location(report: ImportReport) -> str:
    return f"/api/v1/imports/{report.import_id}"
