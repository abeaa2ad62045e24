"""HTTP: regenerating products."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.task import Requeueing, TaskKind
from shared.monitoring.seen import mark_seen
from shared.services import Services
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.choosing import chosen_brand, chosen_categories
from triggers.schemas.common_schemas import Scope
from triggers.schemas.regeneration_schemas import RegenerateAccepted, RegenerateArguments, RequeueingResponse
from triggers.start_work import new_id, start_task

bp = df.Blueprint()


@operation(
    bp,
    "POST",
    "v1/products/regenerate",
    scope=Scope.OPERATE,
    responses={202: RegenerateAccepted},
    errors=(404,),
    starts=True,
)
async def regenerate(call: Call, arguments: RegenerateArguments) -> Reply:
    """Make products pending again, so that the next run regenerates their texts.

    Published texts stay until better ones are stored.
    """
    services = await asyncio.to_thread(get_services)
    requeueing = await asyncio.to_thread(_create_requeueing, services, arguments)
    await start_task(call.client, TaskKind.REQUEUEING, requeueing.requeueing_id)
    location = f"/api/v1/requeueings/{requeueing.requeueing_id}"
    return accepted(RegenerateAccepted(requeueing=requeueing, location=location), location)


@operation(
    bp,
    "GET",
    "v1/requeueings/{requeueing_id}",
    scope=Scope.READ,
    responses={200: RequeueingResponse},
    errors=(404,),
)
def get_requeueing(call: Call) -> Reply:
    """Return how many products a regeneration has made pending so far."""
    return Reply(RequeueingResponse(requeueing=get_services().requeueings.get(call.path["requeueing_id"])))


@operation(
    bp,
    "POST",
    "v1/requeueings/{requeueing_id}/seen",
    scope=Scope.OPERATE,
    responses={200: RequeueingResponse},
    errors=(404, 409),
)
def mark_requeueing_seen(call: Call) -> Reply:
    """Mark a regeneration that failed as seen: it no longer needs a person. Safe to repeat."""
    return Reply(
        RequeueingResponse(requeueing=mark_seen(get_services().requeueings, call.path["requeueing_id"]))
    )


def _create_requeueing(services: Services, arguments: RegenerateArguments) -> Requeueing:
    requeueing = Requeueing(
        requeueing_id=new_id(),
        product_ids=list(dict.fromkeys(arguments.product_ids)),
        categories=chosen_categories(services, arguments.categories, arguments.product_ids),
        brand=chosen_brand(arguments.brand),
        locales=list(arguments.locales),
        prompt_version=arguments.prompt_version,
        model=arguments.model,
        outcome=arguments.outcome,
        failed=arguments.failed,
        created_at=utcnow(),
    )
    services.requeueings.create(requeueing)
    return requeueing
