"""Debian's Chromium, driven by Playwright: found on this machine, never downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# Set to 1 where a machine without a browser is a failure (.ci/run).
REQUIRED = "REQUIRE_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoBrowser(Exception):
    """There is no Chromium on the PATH; the text says how to get one."""

    def __init__(self) -> None:
        super().__init__("no Chromium on the PATH (on Debian: apt-get install chromium)")


def executable() -> str:
    """The Chromium on the PATH.

    Raises:
        NoBrowser: when there is none.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise NoBrowser
    return found


def is_required() -> bool:
    return os.environ.get(REQUIRED) == "1"


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser, closed with the block.

    Raises:
        NoBrowser: when there is none on the PATH.
    """
    path = executable()
    with sync_playwright() as playwright:
        # As root, in a container, Chromium's own sandbox cannot be set up; only our page is opened.
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield launched
        finally:
            launched.close()
