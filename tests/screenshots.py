"""The pictures of the README: the dashboard during a run of some hundred products, into `docs/images`.

    make screenshots

The catalogue of `../shared` is used where it is there, else the sample. Nothing outside this machine is
called; the texts are the emulator's.
"""

import csv
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser, Page

from local.local_settings import API_KEY
from tests.browser import browser
from tests.conftest import SHARED
from tests.end_to_end.browsing import Visitor, visit
from tests.end_to_end.conftest import Json, Machine, running_machine

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
CATALOGUE = SHARED / "catalogue" / "instruments-1200.csv"
SAMPLE = ROOT / "samples" / "catalogue.csv"

_EACH_CATEGORY = 36
_FIRST_RUN = 4
_SETTINGS = {
    "MAX_RUN_COST": "40",
    "MAX_MONTH_COST": "120",
    # Each locale is a request of its own, so that a fault can choose one.
    "LOCALES_PER_REQUEST": "1",
    "MAX_TOKENS_PER_FILE": "2000000",
    "ENQUEUED_TOKEN_LIMIT": "8000000",
}
# What goes wrong in the first run, by custom id: product and request.
_FAULTS: tuple[Json, ...] = (
    {"on": "request", "match": {"custom_id": "000001-1$"}, "times": None, "effect": {"refusal": True}},
    {"on": "request", "match": {"custom_id": "000002-4$"}, "times": None, "effect": {"review": True}},
    {"on": "request", "match": {"custom_id": "000000-3$"}, "times": 3, "effect": {"content_filter": True}},
)


def main() -> None:
    os.environ.update(_SETTINGS)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        catalogue = _catalogue(Path(folder))
        with running_machine(Path(folder) / "machine", job_seconds=6.0) as machine:
            machine.client.import_file(catalogue)
            machine.faults(*_FAULTS)
            machine.run(_FIRST_RUN)
            machine.no_faults()
            rejected = _rejected(machine)
            _product(chromium, machine, rejected)
            _overviews(chromium, machine)
    sys.stdout.write(f"{', '.join(sorted(path.name for path in IMAGES.glob('*.png')))} in {IMAGES}\n")


def _catalogue(folder: Path) -> Path:
    """Up to three dozen products of each category, with two rows that cannot be read."""
    with (CATALOGUE if CATALOGUE.exists() else SAMPLE).open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["category"])
    chosen = [
        row
        for _, group in groupby(rows, key=lambda row: row["category"])
        for row in list(group)[:_EACH_CATEGORY]
    ]
    broken = [{**chosen[0], "sku": f"broken-{number}", "name": ""} for number in range(2)]
    path = folder / "catalogue.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows([*chosen, *broken])
    return path


def _rejected(machine: Machine) -> str:
    """A product with a try that the checks rejected, of those that the overview samples."""
    overview = machine.request("GET", "/api/v1/dashboard/overview").json()
    return str(next(cause["sample_id"] for cause in overview["causes"] if cause["outcome"] == "rejected"))


def _product(chromium: Browser, machine: Machine, product_id: str) -> None:
    with _page(chromium, machine, (1440, 1500)) as page:
        page.evaluate("id => location.hash = `#/products/${encodeURIComponent(id)}`", product_id)
        page.wait_for_selector(".text")
        options = page.locator("[data-choice=left] option").evaluate_all("all => all.map(one => one.value)")
        tried = next(value for value in options if value.endswith("~rejected"))
        page.select_option("[data-choice=left]", tried)
        page.select_option("[data-choice=right]", next(value for value in options if value != tried))
        _take(page, "product.png")


def _overviews(chromium: Browser, machine: Machine) -> None:
    """The overview in the middle of a run, on a desk, in the dark and on a phone."""
    machine.client.pipeline(0)
    with (
        _page(chromium, machine, (1440, 1900)) as desk,
        _page(chromium, machine, (1440, 1900), color_scheme="dark") as dark,
        _page(chromium, machine, (390, 1700), device_scale_factor=1.5, is_mobile=True) as phone,
    ):
        desk.locator("#timeline .badge.busy").nth(8).wait_for()
        desk.locator("#runs td progress:not([value='0'])").nth(6).wait_for()
        for page, name in ((desk, "desktop.png"), (dark, "dark.png"), (phone, "phone.png")):
            _take(page, name)
        desk.locator("#runs").screenshot(path=IMAGES / "runs.png")


@contextmanager
def _page(chromium: Browser, machine: Machine, size: tuple[int, int], **context: object) -> Iterator[Page]:
    viewport = {"width": size[0], "height": size[1]}
    with visit(chromium, machine, viewport=viewport, **context) as visitor:
        _enter(visitor)
        yield visitor.page


def _enter(visitor: Visitor) -> None:
    visitor.enter(API_KEY)
    visitor.page.wait_for_selector("#runs")


def _take(page: Page, name: str) -> None:
    time.sleep(0.5)  # what is under way is drawn
    page.screenshot(path=IMAGES / name)


if __name__ == "__main__":
    main()
