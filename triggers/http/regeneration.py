"""HTTP: regenerating products."""

import asyncio

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.ids import slugify
from shared.domain.task import Requeueing, TaskKind
from shared.services import Services
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.regeneration_schemas import RegenerateAccepted, RegenerateBody, RequeueingResponse
from triggers.start_work import chosen_categories, new_id, start_task

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
async def regenerate(call: Call, body: RegenerateBody) -> Reply:
    """Make products pending again, so that the next run regenerates their texts.

    Published texts stay until better ones are stored.
    """
    services = await asyncio.to_thread(get_services)
    requeueing = await asyncio.to_thread(_create_requeueing, services, body)
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


def _create_requeueing(services: Services, body: RegenerateBody) -> Requeueing:
    requeueing = Requeueing(
        requeueing_id=new_id(),
        product_ids=list(dict.fromkeys(body.product_ids)),
        categories=chosen_categories(services, body.categories, body.product_ids),
        brand=slugify(body.brand) if body.brand else None,
        locales=list(body.locales),
        prompt_version=body.prompt_version,
        model=body.model,
        outcome=body.outcome,
        failed=body.failed,
        created_at=utcnow(),
    )
    services.requeueings.create(requeueing)
    return requeueing
