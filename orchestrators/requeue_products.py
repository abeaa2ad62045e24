"""Making chosen products wait again, category by category."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from orchestrators.windows import in_windows
from shared.function_names import LIST_REQUEUED_CATEGORIES, REQUEUE_CATEGORY, SETTLE_REQUEUEING

bp = df.Blueprint()

_RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=5)


@bp.orchestration_trigger(context_name="context")
def requeue_products(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """Input: requeueing_id; after and requeued of the page before. Output: how many products were chosen."""
    state = context.get_input()
    requeueing_id: str = state["requeueing_id"]
    requeued: int = state.get("requeued", 0)
    page = yield context.call_activity_with_retry(
        LIST_REQUEUED_CATEGORIES,
        _RETRY,
        {"requeueing_id": requeueing_id, "after": state.get("after", "")},
    )
    counts = yield from in_windows(
        context,
        lambda category: context.call_activity_with_retry(
            REQUEUE_CATEGORY, _RETRY, {"requeueing_id": requeueing_id, "category": category}
        ),
        page,
    )
    requeued += sum(counts)
    if page:
        following = {"requeueing_id": requeueing_id, "after": page[-1], "requeued": requeued}
        context.continue_as_new(following)
        return requeued
    yield context.call_activity_with_retry(
        SETTLE_REQUEUEING, _RETRY, {"requeueing_id": requeueing_id, "requeued": requeued}
    )
    return requeued
