"""The activities of a task over categories: list the categories, work on one category, end the task."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import azure.durable_functions as df

from shared.batching.requeue import requeue_category
from shared.channels.export_steps import export_category, finish_export, tidy_export
from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.states import TaskStatus
from shared.domain.task import Export, Requeueing, TaskKind
from shared.persistence.record_repository import RecordRepository
from shared.services import Services

bp = df.Blueprint()

_PAGE = 50


@dataclass(frozen=True)
class _Kind:
    """One kind of task: where its records are, and what it does with a category."""

    records: Callable[[Services], RecordRepository[Any]]
    work: Callable[[Services, str, Any], int]
    before_end: Callable[[Services, Any], None] = field(default=lambda _services, _task: None)
    after_end: Callable[[Services, Any], None] = field(default=lambda _services, _task: None)


_KINDS = {
    TaskKind.REQUEUEING: _Kind(lambda services: services.requeueings, requeue_category),
    TaskKind.EXPORT: _Kind(lambda services: services.exports, export_category, finish_export, tidy_export),
}


@bp.activity_trigger(input_name="payload")
def list_task_categories(payload: dict) -> list:  # type: ignore[type-arg]
    """Input: kind, task_id, after (a slug). Output: the next page of category slugs, at most 50."""
    return categories(get_services(), **payload)


def categories(services: Services, kind: str, task_id: str, after: str) -> list[str]:
    """The next page of a task's category slugs behind `after`, in order.

    A task that names no categories works on all of them.
    """
    return services.summaries.slugs(after, _PAGE, _record(services, kind, task_id).categories)


@bp.activity_trigger(input_name="payload")
def work_on_category(payload: dict) -> int:  # type: ignore[type-arg]
    """Input: kind, task_id, category. Output: number of products worked on."""
    return work(get_services(), **payload)


def work(services: Services, kind: str, task_id: str, category: str) -> int:
    """Do a task's work on one category. Returns the number of products. It may safely be called again."""
    return _KINDS[TaskKind(kind)].work(services, category, _record(services, kind, task_id))


@bp.activity_trigger(input_name="payload")
def settle_task(payload: dict) -> None:  # type: ignore[type-arg]
    """Input: kind, task_id, count of products. Ends the task."""
    finish(get_services(), **payload)


def finish(services: Services, kind: str, task_id: str, count: int) -> None:
    """Set the task to `completed`, with `count` products over all its categories."""
    task, steps = _record(services, kind, task_id), _KINDS[TaskKind(kind)]
    if not task.status.is_terminal:
        steps.before_end(services, task)
    update = {"status": TaskStatus.COMPLETED, "products": count, "completed_at": utcnow()}
    steps.records(services).modify(
        task_id,
        lambda current: current if current.status.is_terminal else current.model_copy(update=update),
    )
    steps.after_end(services, task)


def _record(services: Services, kind: str, task_id: str) -> Requeueing | Export:
    return cast(Requeueing | Export, _KINDS[TaskKind(kind)].records(services).get(task_id))
