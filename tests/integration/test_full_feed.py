"""Full feeds: a product that the file leaves out is discontinued, and comes back with a later file."""

from shared.catalogue.file_import import import_catalogue_file
from shared.domain.clock import utcnow
from shared.domain.run import ImportReport
from shared.domain.states import ProductStatus
from shared.services import Services

HEADER = "sku,name,category\n"
ROWS = [f"A-{number},Alpha {number},Pianos\n" for number in range(6)]


def feed(services: Services, rows: list[str], full: bool = True) -> ImportReport:
    services.blobs.write("imports/x.csv", ["".join([HEADER, *rows]).encode()])
    report = ImportReport(
        import_id=f"i{utcnow().timestamp()}",
        format="csv",
        blob="imports/x.csv",
        full_feed=full,
        created_at=utcnow(),
    )
    services.imports.create(report)
    import_catalogue_file(services, report.import_id)
    return services.imports.get(report.import_id)


def live(services: Services) -> set[str]:
    return {
        item.product.product_id
        for item in services.products.scan("pianos")
        if not item.product.discontinued_at
    }


def test_what_a_full_feed_leaves_out_is_discontinued_and_comes_back(services: Services) -> None:
    feed(services, ROWS)
    report = feed(services, ROWS[:4])
    assert (report.discontinued, report.unchanged, report.error_message) == (2, 4, None)
    assert live(services) == {"A-0", "A-1", "A-2", "A-3"}
    [summary] = services.summaries.all()
    assert (summary.by_status, summary.discontinued) == ({ProductStatus.PENDING: 4}, 2)
    assert services.products.due("pianos", utcnow(), 10) == ["A-0", "A-1", "A-2", "A-3"]
    assert feed(services, ROWS[:4]).discontinued == 0
    back = feed(services, ROWS[:5])
    assert (back.updated, back.discontinued) == (1, 0)
    assert set(services.products.due("pianos", utcnow(), 10)) == {f"A-{number}" for number in range(5)}


def test_a_file_that_is_not_a_full_feed_discontinues_nothing(services: Services) -> None:
    feed(services, ROWS)
    assert feed(services, ROWS[:1], full=False).discontinued == 0
    assert len(live(services)) == 6


def test_a_row_with_a_mistake_does_not_discontinue_its_product(services: Services) -> None:
    feed(services, ROWS)
    report = feed(services, [*ROWS[:5], "A-5,,Pianos\n"])
    assert (report.rejected, report.discontinued) == (1, 0)
    assert len(live(services)) == 6


def test_a_feed_that_was_cut_off_discontinues_nothing(services: Services) -> None:
    feed(services, ROWS)
    report = feed(services, ROWS[:2])
    assert report.discontinued == 0
    assert "leaves out 4 of 6 products" in (report.error_message or "")
    assert len(live(services)) == 6
