"""What docs/architecture.md says is what the code does."""

import re
from collections import Counter
from pathlib import Path

import pytest

from shared.domain import states

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("title", "transitions"),
    [
        ("`openai_processing_status` of a product", states.PRODUCT_TRANSITIONS),
        ("`status` of a batch", states.BATCH_TRANSITIONS),
        ("`status` of a run", states.RUN_TRANSITIONS),
        ("`status` of a task", states.TASK_TRANSITIONS),
    ],
)
def test_the_drawn_state_machines_are_those_of_the_code(
    title: str, transitions: dict[str, frozenset[str]]
) -> None:
    drawn = re.search(rf"{re.escape(title)}:\n\n```mermaid\n(.*?)```", PAGE, re.DOTALL)
    assert drawn is not None
    arrows = set(re.findall(r"^    (\w+) --> (\w+)", drawn[1], re.MULTILINE))
    assert arrows == {(str(before), str(after)) for before, follow in transitions.items() for after in follow}


def test_every_room_is_there() -> None:
    rooms = re.findall(r"^\| `(\w+)/` \|", PAGE, re.MULTILINE)
    assert {"triggers", "shared", "local"} < set(rooms)
    for room in rooms:
        assert (ROOT / room).is_dir(), room


def test_no_module_name_is_used_twice() -> None:
    rooms = ("activities", "local", "orchestrators", "scripts", "shared", "triggers")
    names = Counter(
        path.stem
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if not path.stem.startswith("__") and "node_modules" not in path.parts
    )
    assert not [name for name, count in names.items() if count > 1]
