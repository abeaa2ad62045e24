"""The dashboard in a real browser, against the whole app."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from local.local_settings import API_KEY, READ_API_KEY
from shared.content.locales import LOCALES
from tests.end_to_end.browsing import SOON_MS, Visitor, visit
from tests.end_to_end.conftest import Machine, running_machine

HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
pytestmark = pytest.mark.usefixtures("one_locale_a_request")

CATALOGUE = (
    "sku,name,brand,category,description,msrp_price,currency\n"
    f'H-1,"{HOSTILE}",Grimholt,Organs,{HOSTILE},499,EUR\n'
    + "".join(f"H-{n},Organ {n},Grimholt,Organs,Two manuals and drawbars.,499,EUR\n" for n in range(2, 5))
)
BY_HAND = (
    "sku,name,category,description\n"
    "A-1,Viola 1,Violas,Thirty-four strings.\n"
    "A-2,Viola 2,Violas,Forty-seven strings.\n"
    "A-3,,Violas,A row without a name.\n"
)


@pytest.fixture(scope="module")
def machine(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:  # noqa: ARG001
    """A shop with four organs whose texts are stored. The name of one organ contains markup."""
    folder = tmp_path_factory.mktemp("machine")
    with running_machine(folder, job_seconds=1.5) as made:
        catalogue = folder / "catalogue.csv"
        catalogue.write_text(CATALOGUE, encoding="utf-8")
        made.client.import_file(catalogue)
        made.run(0)
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
    visitor.enter()
    expect(visitor.section("What needs me")).to_contain_text("Nothing needs you.")

    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(BY_HAND, encoding="utf-8")
    report = visitor.import_file(catalogue)
    expect(report).to_contain_text("completed 3 rows")
    expect(report.get_by_role("row", name="4 rejected name")).to_be_visible()
    report.get_by_role("button", name="Close").click()
    need = visitor.section("What needs me")
    expect(need).to_contain_text("An import rejected 1 of 3 rows", timeout=SOON_MS)
    visitor.press("Seen")
    expect(need).to_contain_text("Nothing needs you.", timeout=SOON_MS)

    machine.faults(
        {
            "on": "request",
            "match": {"product": "Viola 2", "custom_id": "-1$"},
            "times": None,
            "effect": {"refusal": True},
        }
    )
    charged = machine.ledger()["requests"]["charged"]
    visitor.press("Start a run")
    expect(visitor.dialog("Start a run")).to_contain_text("Products2")
    visitor.start_run()
    runs = visitor.section("Runs and batches")
    expect(runs.get_by_text("running").first).to_be_visible()
    expect(runs.locator("summary").first).to_contain_text(re.compile(r"[1-9]\d* of \d+ requests"))
    expect(runs.locator("summary").first).to_contain_text("completed")

    errors = visitor.section("Errors by cause")
    expect(errors).to_contain_text("refused · 1 product · en-GB 1")
    expect(errors).to_contain_text("Retried automatically.")
    expect(errors.locator(".alarm")).to_have_count(0)
    expect(visitor.section("What waits")).to_contain_text("the end of the pause after a failed try")
    assert machine.ledger()["requests"]["charged"] == charged + 2 * len(LOCALES)

    visitor.press("Retry refused")
    visitor.dialog("Retry").get_by_role("button", name="Retry").click()
    expect(visitor.dialog("Start a run")).to_contain_text("Products1")
    machine.no_faults()
    visitor.start_run()
    expect(visitor.section("Errors by cause")).to_contain_text("No text is missing because of an error.")
    expect(visitor.section("Products by language").locator(".sum")).to_contain_text("✓ all" * len(LOCALES))
    assert machine.ledger()["requests"]["charged"] == charged + 2 * len(LOCALES) + 1
    activity = visitor.section("Who did what")
    for action in ("started a run", "imported a file", "made products pending again"):
        expect(activity.get_by_text(action).first).to_be_visible()


def test_a_product_is_shown_with_its_texts_and_no_name_becomes_markup(visitor: Visitor) -> None:
    page = visitor.page
    visitor.enter()
    visitor.section("Products by language").get_by_role("link", name="Organs").click()
    expect(page.get_by_role("row", name="Organ 4")).to_be_visible()
    page.get_by_role("link", name=HOSTILE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(visitor.section("Catalogue record")).to_contain_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main script").count() == 0

    texts = visitor.section("Texts")
    texts.get_by_label("Text", exact=True).select_option("de-DE")
    texts.get_by_label("Compare with").select_option("pt-PT")
    expect(texts.locator("article")).to_have_count(2)
    expect(texts.locator(".text[lang=de-DE]")).to_contain_text("Basic info")
    expect(texts.locator(".text[lang=pt-PT]")).to_contain_text("Meta description")
    texts.get_by_label("Show differences").check()
    expect(texts.locator(".text[lang=pt-PT] ins").first).to_be_visible()
    expect(visitor.section("Tries").get_by_role("row")).to_have_count(1 + 8)
    visitor.section("Store links").get_by_label("Country").select_option("DE")
    expect(visitor.section("Store links")).to_contain_text("No store link for this country.")


def test_a_rejected_try_is_compared_with_the_published_text(visitor: Visitor, machine: Machine) -> None:
    """A regenerated text that the checks reject has its faults marked, and the published text stays."""
    machine.faults(
        {"on": "request", "match": {"product": "Organ 3"}, "times": None, "effect": {"review": True}}
    )
    machine.request(
        "POST", "/api/v1/products/regenerate", json={"product_ids": ["H-3"], "locales": ["de-DE"]}
    )
    page = visitor.page
    page.evaluate("location.hash = '#/products/H-3'")
    visitor.enter()
    expect(page.locator(".product-head")).to_contain_text("pending")
    visitor.press("Start a run for this product")
    visitor.start_run()
    visitor.section("Errors by cause").get_by_role("link", name="H-3").click()
    machine.no_faults()
    texts = visitor.section("Texts")
    texts.get_by_label("Text", exact=True).select_option("de-DE")
    texts.get_by_label("Compare with").select_option("de-DE~rejected")
    expect(texts.locator("article").nth(1).locator("mark.error").first).to_be_visible()
    expect(texts.locator("article").nth(1)).to_contain_text("customer review")
    texts.get_by_label("Show differences").check()
    expect(texts.locator("article").nth(1).locator("ins").first).to_be_visible()


def test_a_reading_key_is_shown_no_action(visitor: Visitor) -> None:
    visitor.enter(READ_API_KEY)
    expect(visitor.section("Runs and batches")).to_be_visible()
    offered = visitor.page.locator("[data-action]").evaluate_all("all => all.map(one => one.dataset.action)")
    assert set(offered) <= {"sign_out", "show_import"}
    visitor.page.evaluate("location.hash = '#/products/H-2'")
    expect(visitor.section("Texts")).to_contain_text("Basic info")
    expect(visitor.page.locator("main [data-action]")).to_have_count(0)


def test_a_change_is_shown_within_two_seconds_and_polling_costs_a_304(
    visitor: Visitor, machine: Machine
) -> None:
    page = visitor.page
    visitor.enter()
    expect(visitor.section("Runs and batches")).to_be_visible()
    machine.request("POST", "/api/v1/products/regenerate", json={"product_ids": ["H-4"]})
    expect(visitor.section("What waits")).to_contain_text("1 product waits for the next run", timeout=SOON_MS)
    responses: list[Response] = []
    # Count responses, not seconds: on a busy machine the page polls more slowly.
    while len(responses) < 5:
        responses.append(
            page.wait_for_event("response", lambda response: "dashboard/overview" in response.url)
        )
    # Some may be 200: the change is stored in two steps, and timers run in between.
    statuses = [response.status for response in responses]
    assert statuses.count(304) >= 3
    assert set(statuses) <= {200, 304}


def test_a_hidden_tab_does_not_poll(visitor: Visitor) -> None:
    visitor.enter()
    expect(visitor.section("Runs and batches")).to_be_visible()
    hide(visitor, True)
    visitor.page.wait_for_timeout(500)  # let requests in flight end
    requested: list[str] = []
    visitor.page.on("request", lambda request: requested.append(request.url))
    visitor.page.wait_for_timeout(2_500)
    assert requested == []
    hide(visitor, False)
    visitor.page.wait_for_timeout(1_000)
    assert any("overview" in url for url in requested)


def hide(visitor: Visitor, hidden: bool) -> None:
    """Make the page believe that its tab is hidden or visible: a headless tab is never hidden."""
    visitor.page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_the_key_is_kept_for_the_tab_and_forgotten_on_sign_out(visitor: Visitor) -> None:
    visitor.enter()
    expect(visitor.section("Runs and batches")).to_be_visible()
    visitor.page.reload()
    expect(visitor.section("Runs and batches")).to_be_visible()
    assert visitor.page.evaluate("localStorage.length + document.cookie.length") == 0
    visitor.press("Sign out")
    expect(visitor.page.get_by_label("API key")).to_be_visible()
    assert visitor.page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["desktop", "phone"])
def test_axe_finds_no_violation(
    chromium: Browser, machine: Machine, scheme: str, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    with visit(chromium, machine, color_scheme=scheme, viewport=viewport, reduced_motion="reduce") as visitor:
        page = visitor.page
        found = {"key": violations(page)}
        visitor.enter()
        expect(visitor.section("Runs and batches")).to_be_visible()
        found["overview"] = violations(page)
        narrowest = page.locator("main section").evaluate_all(
            "all => Math.min(...all.map(one => one.getBoundingClientRect().width))"
        )
        assert narrowest > min(300, viewport["width"] * 0.8), "a section is too narrow"
        visitor.press("Start a run")
        expect(visitor.dialog("Start a run")).to_contain_text("Products")
        found["start"] = violations(page)
        page.keyboard.press("Escape")
        page.evaluate("location.hash = '#/products/H-3'")
        expect(visitor.section("Texts")).to_contain_text("Basic info")
        expect(visitor.section("Tries")).to_contain_text("stored")
        found["product"] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "the page scrolls sideways"
        )
    assert not {where: what for where, what in found.items() if what}


def violations(page: Page) -> list[str]:
    """Return the violations that axe-core finds, each with the first element concerned."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_everything_can_be_done_by_keyboard(visitor: Visitor) -> None:
    """Sign in, open the estimate of a run, and close it again, without a mouse."""
    page = visitor.page
    page.keyboard.type(API_KEY)
    page.keyboard.press("Enter")
    expect(visitor.section("Runs and batches")).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.dataset.action") == "start_run":
            break
    page.keyboard.press("Enter")
    dialog = visitor.dialog("Start a run")
    expect(dialog).to_contain_text("At worst")
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_lost_connection_says_so_and_recovers(visitor: Visitor, machine: Machine) -> None:
    visitor.enter()
    expect(visitor.section("Runs and batches")).to_be_visible()
    machine.kill_host()
    expect(visitor.page.get_by_text("Connection lost")).to_be_visible()
    expect(visitor.section("Runs and batches")).to_be_visible()  # the last known data stays
    machine.start_host()
    expect(visitor.page.get_by_text("Live", exact=True)).to_be_visible()
