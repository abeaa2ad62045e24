"""The dashboard in a real browser, against the whole app."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import browser as browsers
from tests.end_to_end.browsing import SOON_MS, Visitor, visit
from tests.end_to_end.conftest import Machine, running_machine

HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
CATALOGUE = (
    "sku,name,brand,category,description,msrp_price,currency\n"
    f'H-1,"{HOSTILE}",Grimholt,Organs,{HOSTILE},499,EUR\n'
    + "".join(f"H-{n},Organ {n},Grimholt,Organs,Two manuals and drawbars.,499,EUR\n" for n in range(2, 5))
    + "H-5,,Grimholt,Organs,A row without a name.,499,EUR\n"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    try:
        with browsers.browser() as opened:
            yield opened
    except browsers.NoBrowser as absent:
        if browsers.is_required():
            raise
        pytest.skip(f"the dashboard was NOT tested: {absent}")


@pytest.fixture(scope="module")
def machine(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:  # noqa: ARG001
    with running_machine(tmp_path_factory.mktemp("machine"), job_seconds=2.0) as made:
        yield made


@pytest.fixture
def visitor(chromium: Browser, machine: Machine) -> Iterator[Visitor]:
    with visit(chromium, machine) as made:
        yield made
        assert not made.problems


def test_a_run_a_failure_and_a_retry_by_hand(visitor: Visitor, machine: Machine, tmp_path: Path) -> None:
    page = visitor.page
    visitor.enter("not-a-key")
    expect(page.get_by_role("alert")).to_have_text("The app does not know this key.")
    visitor.problems.clear()  # the browser notes the 401
    visitor.enter()
    expect(visitor.section("What needs me")).to_contain_text("Nothing needs you.")

    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    report = visitor.import_file(catalogue)
    expect(report).to_contain_text("completed 5 rows")
    expect(report.get_by_role("row", name="6 left out name")).to_be_visible()
    report.get_by_role("button", name="Close").click()
    need = visitor.section("What needs me")
    expect(need).to_contain_text("The latest import left out 1 of 5 rows", timeout=SOON_MS)

    machine.faults(
        {"on": "request", "match": {"custom_id": "000002-1"}, "times": None, "effect": {"refusal": True}}
    )
    visitor.press("Start a run")
    expect(visitor.dialog("Start a run")).to_contain_text("Products4")
    visitor.start_run()
    runs = visitor.section("Runs and batches")
    expect(runs.get_by_text("running").first).to_be_visible()
    expect(runs.locator("summary")).to_contain_text(re.compile(r"[1-9]\d* of \d+ requests"))
    expect(runs.locator("summary")).to_contain_text("completed")

    errors = visitor.section("Errors by cause")
    expect(errors).to_contain_text("refused 1 product")
    expect(errors).to_contain_text("Tried again by itself.")
    expect(errors.locator(".alarm")).to_have_count(0)
    expect(visitor.section("What waits")).to_contain_text("their pause after a try that failed")
    assert charged(machine) == {"H-1": 7, "H-2": 7, "H-3": 7, "H-4": 7}

    visitor.press("Retry refused")
    visitor.dialog("Retry").get_by_role("button", name="Retry").click()
    expect(visitor.dialog("Start a run")).to_contain_text("Products1")
    machine.no_faults()
    visitor.start_run()


def charged(machine: Machine) -> dict[str, int]:
    """How often each product was answered, in all locales together, by the emulator's ledger."""
    return {product: sum(counts.values()) for product, counts in machine.ledger()["products"].items()}
