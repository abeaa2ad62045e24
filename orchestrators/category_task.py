"""A task over the catalogue, category by category: requeueing products, or exporting content."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from orchestrators.fan_out import in_windows
from shared.workflow.names import LIST_TASK_CATEGORIES, SETTLE_TASK, WORK_ON_CATEGORY

bp = df.Blueprint()

_RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=5)


@bp.orchestration_trigger(context_name="context")
def category_task(context: df.DurableOrchestrationContext) -> Generator[Any, Any, int]:
    """Input: kind, task_id; after and count of the previous page. Output: number of products worked on."""
    state = context.get_input()
    task = {"kind": state["kind"], "task_id": state["task_id"]}
    count: int = state.get("count", 0)
    page = yield context.call_activity_with_retry(
        LIST_TASK_CATEGORIES, _RETRY, {**task, "after": state.get("after", "")}
    )
    counts = yield from in_windows(
        context,
        lambda category: context.call_activity_with_retry(
            WORK_ON_CATEGORY, _RETRY, {**task, "category": category}
        ),
        page,
    )
    count += sum(counts)
    if page:
        context.continue_as_new({**task, "after": page[-1], "count": count})
        return count
    yield context.call_activity_with_retry(SETTLE_TASK, _RETRY, {**task, "count": count})
    return count
