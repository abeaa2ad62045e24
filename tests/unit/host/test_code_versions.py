"""A lifecycle that was started by another version of the code ends, also when its history does not fit."""

from typing import Any

import pytest

from orchestrators.batch_lifecycle import OUTDATED
from shared.workflow.names import BATCH_LIFECYCLE, LIFECYCLE_VERSION, lifecycle_input
from tests.unit.host.hosting import Hosted, hosted
from tests.unit.host.test_day_of_polling import FUNCTIONS, calls


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


def of_version(version: Any) -> dict[str, Any]:
    return {**lifecycle_input("b"), "version": version}


@hosted(FUNCTIONS)
async def test_a_lifecycle_of_another_version_ends_at_once(h: Hosted) -> None:
    for version in (LIFECYCLE_VERSION - 1, LIFECYCLE_VERSION + 1):
        assert await h.output(BATCH_LIFECYCLE, of_version(version)) == OUTDATED
    assert calls == {}


@hosted(FUNCTIONS)
async def test_a_lifecycle_in_the_middle_of_its_wait_ends_at_its_next_turn(h: Hosted) -> None:
    await h.start(BATCH_LIFECYCLE, lifecycle_input("b"), "batch-b")
    await h.settle()
    assert not h.instance("batch-b").is_terminal
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestrators.batch_lifecycle.LIFECYCLE_VERSION", LIFECYCLE_VERSION + 1)
        before = dict(calls)
        ended = await h.ended("batch-b")
        # Durable Functions may fail it because its history does not fit. Both ends free the instance's id.
        assert ended.status in ("Completed", "Failed")
        assert calls == before
        assert await h.start(BATCH_LIFECYCLE, of_version(LIFECYCLE_VERSION + 1), "batch-b") == "batch-b"
