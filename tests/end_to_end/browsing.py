"""A person at the dashboard: a page in Chromium, and what one does with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from local.local_settings import API_KEY
from tests.end_to_end.conftest import Machine

# What the page shows follows the app within two seconds; the app's own steps take longer than that.
expect.set_options(timeout=20_000)
SOON_MS = 2_000


@dataclass
class Visitor:
    """A page that is open at a machine's dashboard, and what went wrong in it."""

    machine: Machine
    page: Page
    problems: list[str] = field(default_factory=list)

    def heard(self, said: ConsoleMessage) -> None:
        # The browser notes answers of 400 and more, and calls without one: those are the tests' own.
        if said.type == "error" and not said.text.startswith("Failed to load resource"):
            self.problems.append(said.text)

    def enter(self, key: str = API_KEY) -> None:
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Open the dashboard").click()

    def section(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title, exact=True).first

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def dialog(self, title: str) -> Locator:
        return self.page.get_by_role("dialog", name=title)

    def import_file(self, path: Path) -> Locator:
        """Import a file by hand. Returns the dialog with the report."""
        self.press("Import a file")
        self.page.locator("input[type=file]").set_input_files(path)
        self.dialog("Import a file").get_by_role("button", name="Import").click()
        return self.dialog("Import")

    def start_run(self) -> None:
        """Start what the dialog offers, once its estimate is there."""
        dialog = self.dialog("Start a run")
        dialog.get_by_role("button", name="Start: about $").click()
        expect(dialog).to_have_count(0)


@contextmanager
def visit(browser: Browser, machine: Machine, **context: object) -> Iterator[Visitor]:
    """Open the dashboard in a tab of its own; errors of its scripts are kept."""
    options = {"viewport": {"width": 1280, "height": 900}, **context}
    opened = browser.new_context(**options)  # type: ignore[arg-type]
    try:
        page = opened.new_page()
        visitor = Visitor(machine, page)
        page.on("pageerror", lambda error: visitor.problems.append(str(error)))
        page.on("console", visitor.heard)
        page.goto(f"{machine.settings.base_url}/api/v1/dashboard")
        yield visitor
    finally:
        opened.close()
