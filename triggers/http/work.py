"""HTTP: starting runs, and estimating them."""

import asyncio

import azure.durable_functions as df

from shared.batching.estimate import calibrate, estimate, total_forecast
from shared.batching.selection import select
from shared.composition import get_services
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.schemas.common_schemas import IDEMPOTENCY_KEY, Scope
from triggers.schemas.work_schemas import (
    MAX_PER_CATEGORY,
    CreateTestArguments,
    EstimateResponse,
    RunStarted,
    WorkArguments,
)
from triggers.start_work import Work, create_run, new_run, start_run

bp = df.Blueprint()

_RESPONSES = {202: RunStarted}
_ERRORS = (404, 422)


@operation(
    bp, "POST", "v1/batch/create", scope=Scope.OPERATE, responses=_RESPONSES, errors=_ERRORS, starts=True
)
async def create_batches(call: Call, arguments: WorkArguments) -> Reply:
    """Claim products and build their batch files, without submitting them.

    Nothing is sent and nothing is charged; each batch is submitted by a call of its own. With an
    `Idempotency-Key`, a repeated call returns the run of the first call.
    """
    return await _start(call, _work(arguments, "create", submit=False))


@operation(
    bp, "POST", "v1/batch/pipeline", scope=Scope.OPERATE, responses=_RESPONSES, errors=_ERRORS, starts=True
)
async def run_pipeline(call: Call, arguments: WorkArguments) -> Reply:
    """Run the whole pipeline: claim products, build and submit batches, wait for them, and store the results.

    With an `Idempotency-Key`, a repeated call returns the run of the first call.
    """
    return await _start(call, _work(arguments, "pipeline", submit=True))


@operation(
    bp, "POST", "v1/batch/create-test", scope=Scope.OPERATE, responses=_RESPONSES, errors=_ERRORS, starts=True
)
async def create_test_batches(call: Call, arguments: CreateTestArguments) -> Reply:
    """Claim and build a few products of each category, for review before they are submitted."""
    work = Work("test", False, arguments.products_per_category, arguments.category)
    return await _start(call, work)


@operation(
    bp, "POST", "v1/batch/estimate", scope=Scope.READ, responses={200: EstimateResponse}, errors=(404,)
)
def estimate_work(call: Call, arguments: WorkArguments) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Estimate what a run with the same parameters would send and cost. Nothing is claimed, built or sent.

    Products are counted in the queue. Requests, tokens and cost are projected from up to 40 products of each
    category.
    """
    services = get_services()
    run = new_run(services, _work(arguments, "estimate", submit=False))
    categories = run.categories or [summary.category for summary in services.summaries.all()]
    limit = run.category_limit or MAX_PER_CATEGORY
    chosen = ((slug, select(services, run, slug, limit)) for slug in categories)
    calibration = calibrate(services)
    forecasts = [estimate(services, calibration, slug, ids, run.locales) for slug, ids in chosen if ids]
    return Reply(
        EstimateResponse(
            total=total_forecast(forecasts),
            categories=forecasts,
            max_run_cost=services.settings.max_run_cost,
            month=services.budget.month(),
            max_month_cost=services.settings.max_month_cost,
            price_note=services.settings.price_note,
        )
    )


def _work(arguments: WorkArguments, trigger: str, submit: bool) -> Work:
    return Work(
        trigger=trigger,
        submit=submit,
        category_limit=arguments.category_limit,
        categories=arguments.category,
        product_ids=arguments.product_ids,
        brand=arguments.brand,
        locales=arguments.locales,
    )


async def _start(call: Call, work: Work) -> Reply:
    services = await asyncio.to_thread(get_services)
    run = await asyncio.to_thread(create_run, services, work, call.header(IDEMPOTENCY_KEY))
    await start_run(call.client, services, run)
    location = f"/api/v1/runs/{run.run_id}"
    return accepted(RunStarted(run=run, location=location), location)
