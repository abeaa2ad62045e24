"""A run: prepare the batches of every category, start a lifecycle for each batch, then watch their records.

Lifecycles are detached, not sub-orchestrations: one that the reconciler starts again would have no parent.
"""

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from orchestrators.fan_out import in_windows
from shared.workflow.names import (
    CHECK_RUN,
    ENTER_RUN,
    LEAVE_PREPARATION,
    LIST_CATEGORIES,
    PREPARE_BATCH,
    PREPARE_CATEGORY,
    START_LIFECYCLE,
)

bp = df.Blueprint()

_RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
_CHECKS_PER_GENERATION = 30
_MAX_PROBLEMS = 5
# Output of `prepare_category` when another run took the lock. A problem starts with its category.
_LOCK_LOST = "lock lost"


@bp.orchestration_trigger(context_name="context")
def generation_run(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Input: run_id, limit, submit, poll_seconds; phase, after and problems of the previous generation."""
    state = context.get_input()
    phase = {"enter": _enter, "prepare": _prepare, "watch": _watch}[state.get("phase", "enter")]
    following = yield from phase(context, state)
    if following is None:
        return "ended"
    context.continue_as_new({**state, **following})
    return "continued"


def _enter(
    context: df.DurableOrchestrationContext, state: dict[str, Any]
) -> Generator[Any, Any, dict[str, Any]]:
    """Wait until the run holds the lock on preparing."""
    for _ in range(_CHECKS_PER_GENERATION):
        if (yield context.call_activity_with_retry(ENTER_RUN, _RETRY, state["run_id"])):
            following = {"after": state.get("after", ""), "problems": state.get("problems", [])}
            return {"phase": "prepare", **following}
        yield _timer(context, state["poll_seconds"])
    return {"phase": "enter"}


def _prepare(
    context: df.DurableOrchestrationContext, state: dict[str, Any]
) -> Generator[Any, Any, dict[str, Any]]:
    """Prepare one page of categories.

    When another run took the lock meanwhile, wait for the lock and prepare the same page again. Batches that
    were created stay as they are, and a batch that was begun is built to the end.
    """
    run_id = state["run_id"]
    page = yield context.call_activity_with_retry(
        LIST_CATEGORIES, _RETRY, {"run_id": run_id, "after": state["after"]}
    )
    prepared = yield from in_windows(
        context,
        lambda category: context.call_sub_orchestrator(
            PREPARE_CATEGORY,
            {"run_id": run_id, "category": category, "limit": state["limit"], "submit": state["submit"]},
        ),
        page,
    )
    if _LOCK_LOST in prepared:
        return {"phase": "enter"}
    problems = (state["problems"] + [problem for problem in prepared if problem])[:_MAX_PROBLEMS]
    if page:
        return {"after": page[-1], "problems": problems}
    yield context.call_activity_with_retry(
        LEAVE_PREPARATION, _RETRY, {"run_id": run_id, "problems": problems}
    )
    return {"phase": "watch"}


def _watch(
    context: df.DurableOrchestrationContext, state: dict[str, Any]
) -> Generator[Any, Any, dict[str, Any] | None]:
    """Check the run until it has ended, which is when none of its batches is open."""
    for _ in range(_CHECKS_PER_GENERATION):
        if (yield context.call_activity_with_retry(CHECK_RUN, _RETRY, state["run_id"])):
            return None
        yield _timer(context, state["poll_seconds"])
    return {"phase": "watch"}


@bp.orchestration_trigger(context_name="context")
def prepare_category(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Prepare the batches of a category, one after another.

    Input: run_id, category, limit (0 = all), submit. Output: what went wrong, `_LOCK_LOST`, or "".
    """
    state = context.get_input()
    remaining, sequence = state["limit"], 0
    try:
        while True:
            prepared = yield context.call_activity_with_retry(
                PREPARE_BATCH,
                _RETRY,
                {
                    "run_id": state["run_id"],
                    "category": state["category"],
                    "sequence": sequence,
                    "limit": remaining,
                },
            )
            if prepared.get("lock_lost"):
                return _LOCK_LOST
            if prepared["batch_id"] and state["submit"]:
                yield context.call_activity_with_retry(START_LIFECYCLE, _RETRY, prepared["batch_id"])
            if not prepared["more"]:
                return ""
            sequence += 1
            if remaining:
                remaining -= prepared["products"]
    except Exception as error:  # noqa: BLE001 - one category must not stop the others, and the run's record names it
        return f"{state['category']}: {str(error).strip()[:200]}"


def _timer(context: df.DurableOrchestrationContext, seconds: int) -> Any:
    return context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))
