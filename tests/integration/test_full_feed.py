"""Full feeds: a product that the file leaves out is discontinued, and comes back with a later file."""

import pytest

from shared.domain.clock import utcnow
from shared.domain.run import ImportReport
from shared.domain.states import ProductStatus, TaskStatus
from shared.services import Services
from tests.integration.importing import run_import

HEADER = "sku,name,category\n"
ROWS = [f"A-{number},Alpha {number},Pianos\n" for number in range(6)]


def feed(services: Services, rows: list[str], full: bool = True) -> ImportReport:
    return run_import(services, "".join([HEADER, *rows]), full_feed=full)


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
    assert (report.rejected, report.absent, report.discontinued) == (1, 0, 0)
    assert len(live(services)) == 6


@pytest.mark.parametrize(
    ("rows", "absent", "reason"),
    [
        ([*ROWS[:4], "A-5,Alpha 5,Pianos,surplus\n"], 2, "1 rows were rejected"),
        ([*ROWS[:4], "A-4,Alpha\n4,Pianos\n", ROWS[5]], 1, "2 rows were rejected"),
        ([*ROWS[:4], ",no sku,Pianos\n", ROWS[5]], 1, "1 rows were rejected"),
        ([*ROWS[:3], 'A-3,"Alpha 3,Pianos\n', 'A-4,14",Pianos\n', ROWS[5]], 1, "text of another row"),
        ([], 6, "has no rows"),
    ],
)
def test_a_feed_with_a_row_that_cannot_be_trusted_discontinues_nothing(
    services: Services, rows: list[str], absent: int, reason: str
) -> None:
    feed(services, ROWS)
    report = feed(services, rows)
    assert (report.absent, report.discontinued) == (absent, 0)
    assert reason in (report.error_message or "")
    assert len(live(services)) == 6


def test_a_feed_with_a_quote_that_is_never_closed_changes_nothing(services: Services) -> None:
    feed(services, ROWS)
    report = feed(services, [*ROWS[:3], 'A-3,"7 Zoll,Pianos\n', *ROWS[4:]])
    assert (report.status, report.rows, report.absent) == (TaskStatus.FAILED, 0, None)
    assert "line 5" in (report.error_message or "")
    assert len(live(services)) == 6


def test_what_costs_a_value_and_no_row_leaves_the_feed_whole(services: Services) -> None:
    feed(services, ROWS)
    rows = [*ROWS[:4], "A-5 ,Alpha 5,Pianos,,\n"]
    report = feed(services, rows)
    assert (report.rejected, report.discontinued) == (0, 1)
    spaced = HEADER.replace("category", "category,msrp_price") + "A  9,a,Pianos,5\n"
    run_import(services, spaced)
    report = run_import(services, spaced.replace(",5", ",zu teuer"), full_feed=True, dry_run=True)
    assert (report.updated, report.absent, report.warning_count) == (1, 5, 1)


def test_a_feed_that_was_cut_off_discontinues_nothing(services: Services) -> None:
    feed(services, ROWS)
    report = feed(services, ROWS[:2])
    assert report.discontinued == 0
    assert "leaves out 4 of 6 products" in (report.error_message or "")
    assert len(live(services)) == 6
