"""The steps of a regeneration: which categories, each category's products, the end."""

import azure.durable_functions as df

from shared.clock import utcnow
from shared.requeueing import requeue_category as requeue
from shared.services import Services, get_services
from shared.states import TaskStatus

bp = df.Blueprint()

_PAGE = 50


@bp.activity_trigger(input_name="payload")
def list_requeued_categories(payload: dict) -> list:  # type: ignore[type-arg]
    """Input: requeueing_id, after (a slug). Output: up to 50 slugs behind it."""
    return list_categories(get_services(), **payload)


def list_categories(services: Services, requeueing_id: str, after: str) -> list[str]:
    """The categories that a requeueing looks at, in order; all known ones where it names none."""
    chosen = services.requeueings.get(requeueing_id).categories
    if chosen:
        return [slug for slug in sorted(chosen) if slug > after][:_PAGE]
    return services.summaries.slugs(after, _PAGE)


@bp.activity_trigger(input_name="payload")
def requeue_category(payload: dict) -> int:  # type: ignore[type-arg]
    """Input: requeueing_id, category. Output: how many products were chosen."""
    services = get_services()
    return requeue(services, payload["category"], services.requeueings.get(payload["requeueing_id"]))


@bp.activity_trigger(input_name="payload")
def settle_requeueing(payload: dict) -> None:  # type: ignore[type-arg]
    """Input: requeueing_id, requeued. Writes down that all was looked at."""
    update = {"status": TaskStatus.COMPLETED, "requeued": payload["requeued"], "completed_at": utcnow()}
    get_services().requeueings.modify(
        payload["requeueing_id"],
        lambda current: current if current.status.is_terminal else current.model_copy(update=update),
    )
