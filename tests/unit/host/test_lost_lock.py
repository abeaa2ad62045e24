"""A run that loses the lock on preparing to another run waits for it, and then prepares the same page again.

The orchestrator is the app's own, with activities that only count.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from orchestrators import generation_run
from shared.workflow.names import (
    CHECK_RUN,
    ENTER_RUN,
    GENERATION_RUN,
    LEAVE_PREPARATION,
    LIST_CATEGORIES,
    PREPARE_BATCH,
    START_LIFECYCLE,
)
from tests.unit.host.hosting import Hosted, hosted

POLL_SECONDS = 60
PAGES = {"": ["a", "b"], "b": ["c", "d"], "d": []}
# How often the other run is found preparing once it has taken the lock.
REFUSALS = 40

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(generation_run.bp)

prepared: list[str] = []
started: list[str] = []
left: list[dict[str, Any]] = []
calls: Counter[str] = Counter()


@app.activity_trigger(input_name="value", activity=ENTER_RUN)
def enter(value: Any) -> bool:  # noqa: ARG001 - an activity takes its input
    calls[ENTER_RUN] += 1
    return calls[ENTER_RUN] == 1 or calls[ENTER_RUN] > 1 + REFUSALS


@app.activity_trigger(input_name="value", activity=LIST_CATEGORIES)
def list_page(value: dict) -> list:  # type: ignore[type-arg]
    return PAGES[value["after"]]


@app.activity_trigger(input_name="value", activity=PREPARE_BATCH)
def prepare(value: dict) -> dict:  # type: ignore[type-arg]
    category = value["category"]
    prepared.append(category)
    if category == "b":
        raise RuntimeError("no space left")
    if category == "d" and prepared.count("d") == 1:
        return {"batch_id": None, "products": 0, "more": False, "lock_lost": True}
    return {"batch_id": f"batch-{category}", "products": 1, "more": False}


@app.activity_trigger(input_name="value", activity=START_LIFECYCLE)
def start(value: str) -> None:
    started.append(value)


@app.activity_trigger(input_name="value", activity=LEAVE_PREPARATION)
def leave(value: dict) -> None:  # type: ignore[type-arg]
    left.append(value)


@app.activity_trigger(input_name="value", activity=CHECK_RUN)
def check(value: str) -> bool:  # noqa: ARG001 - an activity takes its input
    return True


FUNCTIONS = load(f"{__name__}:app")


@pytest.fixture(autouse=True)
def _nothing_happened() -> None:
    for each in (prepared, started, left, calls):
        each.clear()


def test_the_page_is_prepared_again_when_the_other_run_has_left(tmp_path: Path) -> None:
    """Problems of the pages before are kept, and more waiting than one generation holds changes nothing."""

    @hosted(FUNCTIONS)
    async def scenario(h: Hosted) -> None:
        payload = {"run_id": "r", "limit": 0, "submit": True, "poll_seconds": POLL_SECONDS}
        await h.start(GENERATION_RUN, payload, "run-r")
        assert (await h.ended("run-r")).output == '"ended"'
        assert h.elapsed().total_seconds() >= REFUSALS * POLL_SECONDS

    scenario(tmp_path)
    assert calls[ENTER_RUN] == REFUSALS + 2
    assert {category: prepared.count(category) for category in "abcd"} == {"a": 1, "b": 3, "c": 2, "d": 2}
    assert started == ["batch-a", "batch-c", "batch-c", "batch-d"]
    [leaving] = left
    [problem] = leaving["problems"]
    assert problem.startswith("b: ")
    assert "no space left" in problem
