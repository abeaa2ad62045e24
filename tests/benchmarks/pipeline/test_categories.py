"""A run over 2,400 categories: its time, how long its history gets, and what replay costs.

Activities answer at once, so that the time is the orchestrations' alone. The limit is what the SDK as shipped
takes to replay the same turns (see `tests/benchmarks/host`).

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_categories.py
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host import turns
from local.host.functions import load
from local.host.replay import Turn, run_turn
from orchestrators import generation_run
from shared.batching.run_preparation import CATEGORIES_PER_PAGE
from shared.workflow import names
from tests.benchmarks.host.test_speed import bare_seconds
from tests.benchmarks.pipeline.material import say
from tests.unit.host.hosting import Hosted, on_host

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

CATEGORIES = [f"category-{number:04d}" for number in range(2_400)]

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(generation_run.bp)
prepared: list[str] = []


def _activity(name: str, answer: Callable[[Any], Any]) -> None:
    def activity(value: Any) -> Any:
        return answer(value)

    activity.__name__ = name
    app.activity_trigger(input_name="value", activity=name)(activity)


def _page(asked: dict[str, str]) -> list[str]:
    return [category for category in CATEGORIES if category > asked["after"]][:CATEGORIES_PER_PAGE]


def _prepare(asked: dict[str, Any]) -> dict[str, Any]:
    prepared.append(asked["category"])
    return {"batch_id": f"b-{asked['category']}", "products": 1, "more": False}


_activity(names.ENTER_RUN, lambda _: True)
_activity(names.LIST_CATEGORIES, _page)
_activity(names.PREPARE_BATCH, _prepare)
_activity(names.START_LIFECYCLE, lambda _: None)
_activity(names.LEAVE_PREPARATION, lambda _: None)
_activity(names.CHECK_RUN, lambda _: True)

FUNCTIONS = load(f"{__name__}:app")


def test_a_run_over_2400_categories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[Any, ...]] = []

    def remember(*arguments: Any) -> Turn:
        taken.append(arguments)
        return run_turn(*arguments)

    async def run(h: Hosted) -> None:
        payload = {"run_id": "r", "limit": 0, "submit": True, "poll_seconds": 60}
        await h.start(names.GENERATION_RUN, payload, "run-r")
        assert (await h.ended("run-r")).output == '"ended"'

    monkeypatch.setattr(turns, "run_turn", remember)
    prepared.clear()
    begun = time.perf_counter()
    on_host(FUNCTIONS, tmp_path, run)
    took = time.perf_counter() - begun
    assert sorted(prepared) == CATEGORIES
    ours = [arguments for arguments in taken if arguments[1] == "run-r"]
    replay = sum(bare_seconds(*arguments) for arguments in ours)
    children = sum(bare_seconds(*arguments) for arguments in taken if arguments[1] != "run-r")
    say(
        f"\n{len(CATEGORIES):,} categories in pages of {CATEGORIES_PER_PAGE}: {took:.1f} s. "
        f"The run's own orchestration takes {len(ours):,} turns, its longest history has "
        f"{max(len(each[4]) for each in ours):,} events, and replaying it takes the SDK {replay:.1f} s; "
        f"the {len(CATEGORIES):,} others {children:.1f} s: "
        f"ratio to replay alone {took / (replay + children):.2f}"
    )
