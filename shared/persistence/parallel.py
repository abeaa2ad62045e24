"""Threads for network calls, with a bounded number of items at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import current_thread
from typing import TypeVar

from shared.persistence.storage_account import CONNECTIONS

Item = TypeVar("Item")
Result = TypeVar("Result")

_THREADS = "storage"
# One pool per process. Activities that run at the same time share its threads and the connections.
_pool = ThreadPoolExecutor(max_workers=CONNECTIONS // 2, thread_name_prefix=_THREADS)
WINDOW = CONNECTIONS


def later(function: Callable[[], Result]) -> "Future[Result]":
    """Call a function in a thread of the pool. Must not be called from such a thread."""
    return _submit(function)


def map_ordered(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map` with up to 32 items at a time. Results keep the order; items are read as results are consumed.

    An exception is raised in place of its result. When the caller stops consuming, items that have not begun
    are cancelled. Calls must not be nested.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(_submit(partial(function, item)))
            if len(waiting) >= WINDOW:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for left in waiting:
            left.cancel()


def _submit(function: Callable[[], Result]) -> "Future[Result]":
    """Refuse a nested call: when every thread waits for another one, nothing goes on."""
    if current_thread().name.startswith(f"{_THREADS}_"):
        raise RuntimeError("A thread of the storage pool must not wait for the pool.")
    return _pool.submit(function)
