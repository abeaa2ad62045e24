"""Fan-out in windows: a limited number of tasks is scheduled at a time, so that queues stay short."""

from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import Any, TypeVar

import azure.durable_functions as df

WINDOW = 50

Item = TypeVar("Item")


def in_windows(
    context: df.DurableOrchestrationContext, schedule: Callable[[Item], Any], items: Iterable[Item]
) -> Generator[Any, Any, list[Any]]:
    """Schedule a task for each item, `WINDOW` at a time. Returns the results in the order of the items."""
    results: list[Any] = []
    waiting = iter(items)
    while window := [schedule(item) for item in islice(waiting, WINDOW)]:
        results += yield context.task_all(window)
    return results
