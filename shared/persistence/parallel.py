"""Threads for network calls, with a bounded number of items at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from shared.persistence.storage_account import CONNECTIONS

Item = TypeVar("Item")
Result = TypeVar("Result")

# One pool per process. Activities that run at the same time share its threads and the connections.
_pool = ThreadPoolExecutor(max_workers=CONNECTIONS // 2, thread_name_prefix="storage")
WINDOW = CONNECTIONS


def later(function: Callable[[], Result]) -> "Future[Result]":
    """Call a function in a thread of the pool. Must not be called from such a thread."""
    return _pool.submit(function)


def map_ordered(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map` with up to 32 items at a time. Results keep the order; items are read as results are consumed.

    An exception is raised in place of its result. When the caller stops consuming, items that have not begun
    are cancelled. Calls must not be nested.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(_pool.submit(function, item))
            if len(waiting) >= WINDOW:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for left in waiting:
            left.cancel()
