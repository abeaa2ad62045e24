"""What the pages say of tests: each one that they name is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_every_test_that_a_page_names_is_there() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    there = set(re.findall(r"def (test_\w+)\(", written))
    files = {path.name for room in ("tests", "scripts") for path in (ROOT / room).rglob("test_*.py")}
    for page in (ROOT / "docs").glob("*.md"):
        named = set(re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8")))
        missing = {name for name in named - there if f"{name}.py" not in files}
        assert not missing, f"{page.name} names tests that are not there: {sorted(missing)}"
