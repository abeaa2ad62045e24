"""Rows that must not stop an import, and SKUs that version 0.1.0 read in another way."""

import pytest
from azure.core.exceptions import HttpResponseError

from shared.catalogue.importer import Importer
from shared.domain.clock import utcnow
from shared.domain.ids import product_id_for
from shared.domain.product import Product
from shared.domain.states import TaskStatus
from shared.persistence.entity_codec import EntityTooLarge
from shared.services import Services
from tests.examples import product
from tests.integration.importing import live_products, run_import


def test_a_row_over_a_limit_is_refused_and_the_rows_around_it_are_stored(services: Services) -> None:
    reviews = "sehr gut 🎸 " * 4_000
    report = run_import(services, f'sku,name,customer_reviews\nA,a,gut\nB,b,"{reviews}"\nC,c,gut\n')
    assert (report.status, report.created, report.rejected) == (TaskStatus.COMPLETED, 2, 1)
    [problem] = report.problems
    assert (problem.line, problem.field) == (3, "customer_reviews")
    assert "at most 20000" in problem.reason


def test_a_long_value_over_many_lines_makes_no_products(services: Services) -> None:
    prose = "<p>Absatz, mit Kommas, und Zeilenumbruch</p>\n" * 2_200
    text = f'sku,name,description,category\nA,a,kurz,Celli\nB,b,"{prose}",Celli\nC,c,kurz,Celli\n'
    report = run_import(services, text)
    assert (report.rows, report.created, report.rejected) == (3, 2, 1)
    assert [(problem.line, problem.field) for problem in report.problems] == [(3, "description")]
    assert set(live_products(services)) == {"A", "C"}


def test_thousands_of_bad_rows_are_counted(services: Services) -> None:
    report = run_import(services, "sku,name\nA,a\n" + f",{'🎸' * 100}\n" * 5_000)
    assert (report.status, report.created, report.rejected) == (TaskStatus.COMPLETED, 1, 5_000)
    assert (report.problem_count, len(report.problems)) == (5_000, 500)


def test_every_field_of_hostile_characters_is_stored_or_refused(services: Services) -> None:
    rows = [
        f'{{"sku": "{n}", "name": "n", "specs": {{"{text}": "{text}"}}, "brand": "{text}", "x{text}": 1}}'
        for n, text in enumerate(["\\ud800", "\\u0000", "🎸" * 70, "e\u0301", "\u202e", "'", "~q", "/\\\\#?"])
    ]
    report = run_import(services, "\n".join(rows), "jsonl")
    assert (report.status, report.created, report.problems) == (TaskStatus.COMPLETED, 8, [])


@pytest.mark.parametrize("status", [400, 413])
def test_a_product_that_storage_refuses_costs_its_row(
    services: Services, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Importer.store

    def refusing(importer: Importer, item: Product) -> object:
        if item.sku == "B":
            error = HttpResponseError("PropertyValueTooLarge")
            error.status_code, error.reason = status, "Bad Request"
            raise error
        if item.sku == "C":
            raise EntityTooLarge("products/C: too large")
        return store(importer, item)

    monkeypatch.setattr(Importer, "store", refusing)
    report = run_import(services, "sku,name\nA,a\nB,b\nC,c\nD,d\n")
    assert (report.created, report.rejected) == (2, 2)
    assert [(problem.line, problem.product) for problem in report.problems] == [(3, "B"), (4, "C")]


def test_a_product_of_the_version_before_keeps_its_id(services: Services) -> None:
    former = product_id_for('="00123"')
    old = product(product_id=former, sku='="00123"')
    Importer(services.products, services.contents).store(old)
    text = 'sku,name,category\n="00123",Ardena Halcyon 110,Electric Guitars\n'
    report = run_import(services, text, full_feed=True)
    assert (report.updated, report.created, report.absent) == (1, 0, 0)
    found = live_products(services)[former]
    assert (found.sku, found.product_id) == ("00123", former)
    again = run_import(services, "sku,name,category\n00123,Ardena Halcyon 110,Electric Guitars\n")
    assert again.created == 1  # written as such, it was another product for the version before


def test_one_article_in_two_forms_is_one_product(services: Services) -> None:
    report = run_import(
        services, "sku,name\nBl\u00e4ser  9,a\nBla\u0308ser\u00a09,b\nBl\u200b\u00e4ser 9,c\n"
    )
    assert (report.created, report.doubled) == (1, 2)
    assert run_import(services, "sku,name\nbl\u00e4ser 9,a\n").created == 1  # case matters


def test_a_dry_run_says_what_an_import_would_do_and_stores_nothing(services: Services) -> None:
    run_import(services, "sku,name,category\nA,a,Pianos\nB,b,Pianos\nC,c,Pianos\nE,e,Pianos\n")
    before = {key: (item.name, item.discontinued_at) for key, item in live_products(services).items()}
    text = "sku,name,category\nA,a,Pianos\nB,changed,Pianos\nC,c,Harps\nD,d,Drums\n"
    tried = run_import(services, text, full_feed=True, dry_run=True)
    assert (tried.unchanged, tried.updated, tried.created) == (1, 2, 1)
    assert (tried.absent, tried.discontinued, tried.error_message) == (1, 0, None)
    assert before == {key: (item.name, item.discontinued_at) for key, item in live_products(services).items()}
    assert {summary.category for summary in services.summaries.all()} == {"pianos"}
    done = run_import(services, text, full_feed=True)
    counts = ("unchanged", "updated", "created", "absent")
    assert [getattr(done, name) for name in counts] == [getattr(tried, name) for name in counts]
    assert done.discontinued == 1


def test_the_number_of_absent_products_is_stored_before_any_of_them_goes(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import(services, "sku,name\nA,a\nB,b\nC,c\n")

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("shared.catalogue.file_import.discontinue", killed)
    with pytest.raises(KeyboardInterrupt):
        run_import(services, "sku,name\nA,a\nB,b\n", full_feed=True)
    [import_id] = services.imports.open_ids()
    report = services.imports.get(import_id)
    assert (report.status, report.absent, report.discontinued) == (TaskStatus.RUNNING, 1, 0)
    assert report.created_at <= utcnow()
