"""The lifecycle of one batch: submit, wait, stage, ingest, settle.

Each activity returns the next step, and the batch's record holds its state. A lifecycle that is lost or
started twice begins at `submit_batch`, which returns the step for that state.
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

# Output of a lifecycle that an older version of the code started.
OUTDATED = "outdated"
# Steps until `continue_as_new` drops the history: a day of waiting keeps a short history.
STEPS_PER_GENERATION = 20
# Failures in a row until the orchestration fails. The reconciler starts it again.
MAX_FAILURES = 8
_LONGEST_PAUSE_SECONDS = 900


@bp.orchestration_trigger(context_name="context")
def batch_lifecycle(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Input: batch_id, version; step and failures of the previous generation. Output: the final status.

    A lifecycle that older code started ends at once. The reconciler finds the batch open and starts another.
    """
    state = context.get_input()
    if state.get("version", 1) != LIFECYCLE_VERSION:
        return OUTDATED
    batch_id, step = state["batch_id"], state.get("step", SUBMIT_BATCH)
    failures = state.get("failures", 0)
    # Subscribe once per generation: a subscription per pause would lose an event raised during an activity.
    wake = context.wait_for_external_event(WAKE)
    for _ in range(STEPS_PER_GENERATION):
        try:
            if step == STAGE_RESULTS:
                return (yield from _results(context, batch_id))
            result = yield context.call_activity(step, batch_id)
        except Exception:
            # Exception types do not survive serialisation. The activity has logged the error, and the tables
            # hold the state.
            failures += 1
            if failures >= MAX_FAILURES:
                raise
            step, seconds = SUBMIT_BATCH, min(5 * 2**failures, _LONGEST_PAUSE_SECONDS)
            if (yield from _pause(context, seconds, wake)):
                break
            continue
        if step != SUBMIT_BATCH:
            failures = 0  # `submit_batch` succeeds also for a batch whose next step keeps failing
        step = result["next"]
        if step == DONE:
            return DONE
        if result["wait_seconds"] and (yield from _pause(context, result["wait_seconds"], wake)):
            break  # the event is consumed: the next generation subscribes again, and begins with this step
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
    """Wait for `seconds` or for a wake event. Returns True for a wake: the batch record says what to do."""
    if wake.is_completed:
        return True
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))
    first = yield context.task_any([timer, wake])
    if first is wake:
        timer.cancel()
    return first is wake
