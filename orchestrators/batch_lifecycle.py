"""The life of one batch: submit, wait, stage, ingest, settle.

What comes next is what the last activity said; where the batch stands is in its record. So a lifecycle that
is lost or started twice begins at `submit_batch` and finds its place.
"""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from orchestrators.fan_out import in_windows
from shared.workflow.names import (
    INGEST_SEGMENT,
    LIFECYCLE_VERSION,
    SETTLE_BATCH,
    STAGE_RESULTS,
    SUBMIT_BATCH,
    WAKE,
)
from shared.workflow.next_step import DONE

bp = df.Blueprint()

# What a lifecycle of older code comes to.
OUTDATED = "outdated"
# Steps until the history is thrown away: a day of waiting stays a short history.
STEPS_PER_GENERATION = 20
# Failures in a row until the orchestration fails; the reconciler starts it again.
MAX_FAILURES = 8
_LONGEST_PAUSE_SECONDS = 900


@bp.orchestration_trigger(context_name="context")
def batch_lifecycle(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Input: batch_id, version; step and failures of the generation before. Output: the final status.

    One that older code started ends at once: the reconciler finds the batch open, and starts it anew.
    """
    state = context.get_input()
    if state.get("version", 1) != LIFECYCLE_VERSION:
        return OUTDATED
    batch_id, step = state["batch_id"], state.get("step", SUBMIT_BATCH)
    failures = state.get("failures", 0)
    # One a generation: it keeps a wake that comes while a step runs, where one of each pause would lose it.
    wake = context.wait_for_external_event(WAKE)
    for _ in range(STEPS_PER_GENERATION):
        try:
            if step == STAGE_RESULTS:
                return (yield from _results(context, batch_id))
            outcome = yield context.call_activity(step, batch_id)
        except Exception:
            # Exception types do not survive serialisation. The activity logged it; the tables hold the truth.
            failures += 1
            if failures >= MAX_FAILURES:
                raise
            step, seconds = SUBMIT_BATCH, min(5 * 2**failures, _LONGEST_PAUSE_SECONDS)
            if (yield from _pause(context, seconds, wake)):
                break
            continue
        if step != SUBMIT_BATCH:
            failures = 0  # submitting says where a batch stands, also one whose next step keeps failing
        step = outcome["next"]
        if step == DONE:
            return DONE
        if outcome["wait_seconds"] and (yield from _pause(context, outcome["wait_seconds"], wake)):
            break  # a wake is used up; the next generation begins with the step, and so misses nothing
    context.continue_as_new({**state, "step": step, "failures": failures})
    return "continued"


def _results(context: df.DurableOrchestrationContext, batch_id: str) -> Generator[Any, Any, str]:
    segments = yield context.call_activity(STAGE_RESULTS, batch_id)
    yield from in_windows(
        context,
        lambda index: context.call_activity(INGEST_SEGMENT, {"batch_id": batch_id, "index": index}),
        range(segments),
    )
    status: str = yield context.call_activity(SETTLE_BATCH, batch_id)
    return status


def _pause(context: df.DurableOrchestrationContext, seconds: int, wake: Any) -> Generator[Any, Any, bool]:
    """Wait, or until somebody wakes us (the answer): what they want stands in the batch record."""
    if wake.is_completed:
        return True
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))
    first = yield context.task_any([timer, wake])
    if first is wake:
        timer.cancel()
    return first is wake
