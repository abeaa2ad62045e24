"""The sample catalogue through the whole app: what is stored, what was paid, and a second time nothing."""

import pytest

from scripts.demonstration import PER_CATEGORY, SAMPLE
from shared.content.locales import LOCALES
from tests.end_to_end.conftest import Json, Machine


@pytest.fixture(scope="module")
def report(machine: Machine) -> Json:
    return machine.client.import_file(SAMPLE)


@pytest.fixture(scope="module")
def answer(machine: Machine, report: Json) -> Json:
    assert report["status"] == "completed"
    return machine.run(PER_CATEGORY)


FIRST = "VSK-1010-TL"
# Its description tells the model to ignore the record, to rate, and to link.
HOSTILE = "GRM-5M"


def test_the_import_says_what_it_did_with_every_row(report: Json) -> None:
    expected = {"rows": 42, "created": 40, "updated": 0, "unchanged": 0, "doubled": 1, "rejected": 1}
    assert {name: report[name] for name in expected} == expected
    assert [(problem["line"], problem["field"]) for problem in report["problems"]] == [
        (28, "sku"),
        (35, "name"),
    ]
    assert [(warning["line"], warning["field"]) for warning in report["warnings"]] == [
        (9, "msrp_price"),
        (31, "url_source"),
        (48, "category"),
    ]


def test_three_products_a_category_are_stored_in_seven_languages(machine: Machine, answer: Json) -> None:
    run, batches = answer["run"], answer["batches"]
    assert run["status"] == "completed"
    assert len(batches) == 13
    assert {batch["category"]: batch["product_count"] for batch in batches}["uncategorised"] == 1
    assert run["product_count"] == 12 * PER_CATEGORY + 1
    # All locales of a product are in one request, and those of a full record in two.
    assert run["counts"]["by_outcome"] == {"stored": run["request_count"]}
    assert run["product_count"] <= run["request_count"] <= 2 * run["product_count"]
    assert run["counts"]["locales"] == run["product_count"] * len(LOCALES)
    totals = machine.client.products_status()["totals"]
    assert totals == {"completed": run["product_count"], "pending": 40 - run["product_count"]}


def test_the_ledger_shows_each_request_once_and_the_same_tokens(machine: Machine, answer: Json) -> None:
    ledger, run = machine.ledger(), answer["run"]
    jobs = {job["metadata"]["batch_id"]: job for job in ledger["jobs"]}
    assert len(ledger["jobs"]) == len(jobs) == 13
    assert ledger["requests"]["charged"] == run["request_count"]
    assert ledger["requests"]["input_tokens"] == run["prompt_tokens"]
    assert ledger["requests"]["output_tokens"] == run["completion_tokens"]
    assert all(times == 1 for locales in ledger["products"].values() for times in locales.values()), ledger[
        "products"
    ]
    for batch in answer["batches"]:
        assert jobs[batch["batch_id"]]["tokens_charged_out"] == batch["completion_tokens"]
    assert ledger["files"]["present"] == 0
    assert ledger["enqueued_tokens"] == 0


def test_a_product_is_served_with_its_document(machine: Machine, answer: Json) -> None:
    assert answer["run"]["status"] == "completed"
    product = machine.client.product(FIRST)
    content = product["content"]
    assert list(content) == [
        "product_input", "images", "ai_generated_content", "customer_reviews", "content_metadata", "qa",
    ]  # fmt: skip
    assert set(product["tries"]) == {"facts", *LOCALES}
    assert {item["state"] for item in product["tries"].values()} == {"stored"}
    assert content["content_metadata"]["missing_locales"] == []
    overviews = [content["ai_generated_content"][locale]["basic_info"]["overview"] for locale in LOCALES]
    assert len(set(overviews)) == len(LOCALES)


def test_a_batch_costs_what_its_products_cost(machine: Machine, answer: Json) -> None:
    [batch] = [batch for batch in answer["batches"] if batch["category"] == "electric-guitars"]
    page = machine.request("GET", "/api/v1/products?category=electric-guitars&status=completed").json()
    products = [machine.client.product(item["product_id"]) for item in page["products"]]
    assert sum(product["completion_tokens"] for product in products) == batch["completion_tokens"]
    assert sum(product["cost"] for product in products) == pytest.approx(batch["cost"], abs=1e-5)


def test_what_the_model_may_not_write_is_not_in_the_document(machine: Machine, answer: Json) -> None:
    assert answer["run"]["status"] == "completed"
    hostile = machine.client.product(HOSTILE)
    assert "Ignore the above" in hostile["content"]["product_input"]["description"]
    assert hostile["openai_processing_status"] == "completed"
    assert "deals.example.net" not in str(hostile["content"]["ai_generated_content"])


@pytest.mark.usefixtures("answer")
def test_a_second_run_creates_no_job(machine: Machine) -> None:
    categories = [
        summary["category"]
        for summary in machine.client.products_status()["categories"]
        if not summary["by_status"].get("pending")
    ]
    before = machine.ledger()
    again = machine.run(PER_CATEGORY, categories)
    assert (again["run"]["status"], again["run"]["batch_count"]) == ("completed", 0)
    assert machine.ledger() == before


def test_importing_the_same_file_again_changes_nothing(machine: Machine, answer: Json) -> None:
    assert answer["run"]["status"] == "completed"
    before = machine.client.products_status()["totals"]
    report = machine.client.import_file(SAMPLE)
    assert (report["unchanged"], report["updated"], report["created"]) == (40, 0, 0)
    assert machine.client.products_status()["totals"] == before
