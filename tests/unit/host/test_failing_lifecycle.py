"""A step that always fails ends its lifecycle after some tries. Successful submits in between do not help."""

from collections import Counter
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from orchestrators import batch_lifecycle
from orchestrators.batch_lifecycle import MAX_FAILURES
from shared.workflow.names import (
    BATCH_LIFECYCLE,
    CHECK_BATCH,
    STAGE_RESULTS,
    SUBMIT_BATCH,
    lifecycle_input,
)
from tests.unit.host.hosting import Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(batch_lifecycle.bp)
calls: Counter[str] = Counter()
next_step = CHECK_BATCH


@app.activity_trigger(input_name="value", activity=SUBMIT_BATCH)
def submit(value: Any) -> Any:  # noqa: ARG001 - an activity takes its input
    calls[SUBMIT_BATCH] += 1
    return {"next": next_step, "wait_seconds": 0}


@app.activity_trigger(input_name="value", activity=CHECK_BATCH)
def check(value: Any) -> Any:
    calls[CHECK_BATCH] += 1
    raise RuntimeError(f"no answer about {value}")


@app.activity_trigger(input_name="value", activity=STAGE_RESULTS)
def stage(value: Any) -> Any:
    calls[STAGE_RESULTS] += 1
    raise RuntimeError(f"no results of {value}")


FUNCTIONS = load(f"{__name__}:app")


@pytest.mark.parametrize("step", [CHECK_BATCH, STAGE_RESULTS])
def test_a_step_that_keeps_failing(step: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.next_step", step)
    calls.clear()

    @hosted(FUNCTIONS)
    async def scenario(h: Hosted) -> None:
        await h.start(BATCH_LIFECYCLE, lifecycle_input("b"), "batch-b")
        assert (await h.ended("batch-b")).status == "Failed"

    scenario(tmp_path)
    assert calls == {SUBMIT_BATCH: MAX_FAILURES, step: MAX_FAILURES}
