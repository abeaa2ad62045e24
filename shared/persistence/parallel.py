"""Threads for calls that wait on the network, a bounded number of items at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from shared.persistence.storage_account import CONNECTIONS

Item = TypeVar("Item")
Result = TypeVar("Result")

# One pool for the process: activities that run side by side share its threads and the connections.
_pool = ThreadPoolExecutor(max_workers=CONNECTIONS // 2, thread_name_prefix="storage")
WINDOW = CONNECTIONS


def later(function: Callable[[], Result]) -> "Future[Result]":
    """Call a function in a thread of the pool; not from one of them."""
    return _pool.submit(function)


def map_ordered(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map`, with up to 32 items under way; results come in order, items are drawn as results are taken.

    The first exception is raised where its result would have come. Not to be nested. What has not begun when
    nobody takes results any more is let be.
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
