"""Importing texts, for tests."""

import uuid

from shared.catalogue.file_import import import_catalogue_file
from shared.domain.clock import utcnow
from shared.domain.product import Product
from shared.domain.run import ImportReport
from shared.services import Services


def run_import(
    services: Services,
    text: str | bytes,
    file_format: str = "csv",
    full_feed: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file and return its report."""
    import_id = uuid.uuid4().hex
    blob = f"imports/{import_id}.{file_format}"
    services.blobs.write(blob, [text if isinstance(text, bytes) else text.encode()])
    report = ImportReport(
        import_id=import_id,
        format=file_format,
        blob=blob,
        full_feed=full_feed,
        dry_run=dry_run,
        created_at=utcnow(),
    )
    services.imports.create(report)
    import_catalogue_file(services, import_id)
    return services.imports.get(import_id)


def live_products(services: Services) -> dict[str, Product]:
    """The products of all categories that are not discontinued, by id."""
    found = (
        item.product
        for summary in services.summaries.all()
        for item in services.products.scan(summary.category)
    )
    return {product.product_id: product for product in found if not product.discontinued_at}
