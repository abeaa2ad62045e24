"""Importing: what is stored of a product, beside batches and moves, and what a file's report says."""

import pytest

from shared.catalogue.importer import Importer, StoreResult
from shared.domain.clock import utcnow
from shared.domain.states import ProductStatus, TaskStatus
from shared.persistence.content_repository import taken
from shared.persistence.product_repository import StoredProduct
from shared.services import Services
from tests.examples import NOW, product
from tests.integration.importing import run_import

HEADER = "sku,name,brand,category,description,msrp_price,url_source,frets\n"


def importer(services: Services) -> Importer:
    return Importer(services.products, services.contents)


def read(services: Services, product_id: str = "ARD-110") -> StoredProduct:
    claim = services.contents.claim(product_id)
    assert claim is not None
    found = services.products.get(claim.category, product_id)
    assert found is not None
    return found


def claim_for(services: Services, batch_id: str) -> None:
    content_state = services.contents.content_state("ARD-110")
    assert content_state.claim is not None
    claim = taken(content_state.claim, content_state.claim.category, batch_id, "claim", NOW)
    assert services.contents.write_claim(claim, content_state.claim_etag)


def set_status(services: Services, status: ProductStatus, **more: object) -> None:
    found = read(services)
    after = found.product.model_copy(update={"openai_processing_status": status, "due_at": None, **more})
    assert services.products.replace(found.product.category, [(found, after)]) == []


def test_a_new_product_waits_and_can_be_found_by_its_id(services: Services) -> None:
    assert importer(services).store(product()) == StoreResult.CREATED
    found = read(services).product
    assert found.openai_processing_status == ProductStatus.PENDING
    assert services.products.due("electric-guitars", utcnow(), 5) == ["ARD-110"]


def test_the_same_product_again_changes_nothing(services: Services) -> None:
    importer(services).store(product())
    etag = read(services).etag
    assert importer(services).store(product()) == StoreResult.UNCHANGED
    assert read(services).etag == etag


def test_new_facts_make_a_completed_product_wait_again(services: Services) -> None:
    importer(services).store(product())
    set_status(services, ProductStatus.PROCESSING)
    set_status(services, ProductStatus.COMPLETED)
    assert importer(services).store(product(msrp_price=99.0)) == StoreResult.UPDATED
    assert read(services).product.openai_processing_status == ProductStatus.COMPLETED
    assert importer(services).store(product(description="Ash body.")) == StoreResult.UPDATED
    assert read(services).product.openai_processing_status == ProductStatus.PENDING


def test_a_product_in_a_batch_keeps_its_status_and_its_category(services: Services) -> None:
    importer(services).store(product())
    claim_for(services, "batch-1")
    set_status(services, ProductStatus.PROCESSING, openai_batch_id="batch-1")
    moved = product(description="Ash body.", category="guitars", category_name="Guitars")
    assert importer(services).store(moved) == StoreResult.UPDATED
    found = read(services).product
    assert (found.category, found.description) == ("electric-guitars", "Ash body.")
    assert (found.openai_processing_status, found.openai_batch_id) == (ProductStatus.PROCESSING, "batch-1")


def test_an_unclaimed_product_moves_to_its_new_category(services: Services) -> None:
    importer(services).store(product())
    moved = product(category="guitars", category_name="Guitars")
    assert importer(services).store(moved) == StoreResult.UPDATED
    assert read(services).product.category == "guitars"
    assert services.products.get("electric-guitars", "ARD-110") is None
    assert services.products.due("electric-guitars", utcnow(), 5) == []
    assert services.products.due("guitars", utcnow(), 5) == ["ARD-110"]


def test_a_category_of_no_known_family_is_a_warning_at_its_first_row(services: Services) -> None:
    rows = (
        "A-1,Alpha,,Klangspielzeug",
        "A-2,Beta,,Klangspielzeug",
        "A-3,Gamma,,E-Bässe",
        "A-4,Delta,,Kabel",
    )
    report = run_import(services, HEADER + "".join(f"{row},,,,\n" for row in rows))
    [warning] = report.warnings
    assert (warning.line, warning.field) == (2, "category")
    assert "'Klangspielzeug' is of no known instrument family" in warning.reason
    assert "CATEGORY_FAMILIES=klangspielzeug=<family>" in warning.reason


def test_good_rows_are_stored_and_bad_ones_reported_with_line_and_field(services: Services) -> None:
    text = HEADER + (
        'A-1,Alpha,Ardena,Electric Guitars,"two\nlines",0.0,,22\n'
        "A-2,,Ardena,Electric Guitars,no name,1,,\n"
        "A-1,Alpha again,Ardena,Electric Guitars,,1,,\n"
        "A-3,Gamma,Ardena,,free?,free,,\n"
        "A-4,Delta,Ardena,,,POA,ftp://x,\n"
    )
    report = run_import(services, text)
    assert report.status == TaskStatus.COMPLETED
    assert (report.rows, report.created, report.doubled, report.rejected) == (5, 3, 1, 1)
    assert [(problem.line, problem.field) for problem in report.problems] == [(4, "name"), (5, "sku")]
    assert [(warning.line, warning.field) for warning in report.warnings] == [
        (6, "msrp_price"),
        (6, "category"),
        (7, "url_source"),
    ]
    alpha = read(services, "A-1").product
    assert (alpha.description, alpha.msrp_price, alpha.specs) == ("two lines", None, {"frets": "22"})
    assert read(services, "A-4").product.category == "uncategorised"
    counted = {summary.category: summary.by_status for summary in services.summaries.all()}
    assert counted == {
        "electric-guitars": {ProductStatus.PENDING: 1},
        "uncategorised": {ProductStatus.PENDING: 2},
    }


@pytest.mark.parametrize(
    ("text", "file_format", "message"),
    [
        (b"sku,name\nA,caf\xe9\n", "csv", "not UTF-8"),
        (b"", "csv", "empty"),
        ("name,price\nA,1\n", "csv", "header with at least sku and name"),
        ('{"sku": "A"', "json", "not JSON"),
        ('[{"sku": "A", "name": "a"}, {"sku": "B", "name": "b"}', "json", "not JSON"),
        ('sku,name\nA,a\nB,"20 inch\nC,c\n', "csv", "line 3 is not well-formed CSV: a quote is opened"),
        ("sku,name," + "x" * 131_072 + "\nA,a,1\n", "csv", "column 3"),
        ('[{"sku": "A", "name": "a"}, ' + "[" * 1_000 + "]" * 1_000 + "]", "json", "nested too deep"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    services: Services, text: str | bytes, file_format: str, message: str
) -> None:
    report = run_import(services, text, file_format)
    assert report.status == TaskStatus.FAILED
    assert message in (report.error_message or "")
    assert services.summaries.all() == []


def test_importing_again_counts_unchanged_rows(services: Services) -> None:
    text = HEADER + "A-1,Alpha,Ardena,Electric Guitars,first,1,,\nA-2,Beta,Ardena,Pianos,second,1,,\n"
    assert run_import(services, text).created == 2
    report = run_import(services, text.replace("second", "changed"))
    assert (report.unchanged, report.updated, report.created) == (1, 1, 0)
