"""HTTP: products and their import."""

import asyncio

import azure.durable_functions as df
import azure.functions as func

from shared.clock import utcnow
from shared.content.document import assemble
from shared.errors import InvalidRequest, NotFound, PayloadTooLarge, UnsupportedMedia
from shared.models.ids import is_safe_id
from shared.models.run import ImportReport
from shared.services import Services, get_services
from triggers.http import Reply, accepted, endpoint
from triggers.starts import new_id, start_import

bp = df.Blueprint()

# The platform's front end takes 100 MB on older hosts (see docs/architecture.md).
_MOST_BYTES = 100 * 1024 * 1024
_SPOOL_BYTES = 4 * 1024 * 1024

_FORMATS = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
}


@bp.route("v1/products/import", methods=["POST"])
@bp.durable_client_input(client_name="client")
@endpoint
async def import_products(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> Reply:
    """Import a catalogue file (the body) in the format that its Content-Type names."""
    media_type = (req.headers.get("Content-Type") or "").split(";")[0].strip().lower()
    if media_type not in _FORMATS:
        raise UnsupportedMedia(
            f"Content-Type {media_type or '(none)'!r} is not read; send one of {', '.join(_FORMATS)}.",
            accepted=list(_FORMATS),
        )
    body = req.get_body()
    if not body:
        raise InvalidRequest("The body is empty; send the catalogue file as the body.")
    if len(body) > _MOST_BYTES:
        raise PayloadTooLarge(f"The body has {len(body)} bytes; at most {_MOST_BYTES} are taken.")
    services = await asyncio.to_thread(get_services)
    report = await asyncio.to_thread(_spool, services, body, _FORMATS[media_type])
    await start_import(client, report.import_id)
    return accepted({"import": report.model_dump(mode="json")}, f"/api/v1/imports/{report.import_id}")


@bp.route("v1/imports/{import_id}", methods=["GET"])
@endpoint
def get_import(req: func.HttpRequest) -> Reply:
    """An import's report."""
    report = get_services().imports.get(req.route_params["import_id"])
    return Reply({"import": report.model_dump(mode="json")})


@bp.route("v1/products/{product_id}", methods=["GET"])
@endpoint
def get_product(req: func.HttpRequest) -> Reply:
    """A product: where it stands, the latest try of each locale, and its content document."""
    services, product_id = get_services(), req.route_params["product_id"]
    claim = services.contents.claim(product_id) if is_safe_id(product_id) else None
    stored = services.products.get(claim.category, product_id) if claim else None
    if stored is None:
        raise NotFound(f"There is no product {product_id!r}.")
    product = stored.product
    document = assemble(product, services.contents.published(product_id), services.settings.locales)
    return Reply(
        {
            "product_id": product.product_id,
            "category": product.category,
            "openai_product_id": product.openai_product_id,
            "openai_processing_status": product.openai_processing_status,
            "openai_batch_id": product.openai_batch_id,
            "openai_processed_at": product.openai_processed_at,
            "openai_error_message": product.openai_error_message,
            "due_at": product.due_at,
            "locales": {
                candidate.locale: candidate.model_dump(mode="json", exclude={"locale"})
                for candidate in services.contents.candidates(product_id)
            },
            "content": document,
        }
    )


def _spool(services: Services, body: bytes, file_format: str) -> ImportReport:
    import_id = new_id()
    blob = f"imports/{import_id}.{file_format}"
    services.blobs.write(blob, (body[i : i + _SPOOL_BYTES] for i in range(0, len(body), _SPOOL_BYTES)))
    report = ImportReport(import_id=import_id, format=file_format, blob=blob, created_at=utcnow())
    services.imports.create(report)
    return report
