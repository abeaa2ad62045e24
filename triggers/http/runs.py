"""HTTP: runs."""

import azure.durable_functions as df

from shared.batching.run_batches import batches_of_run
from shared.composition import get_services
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.work_schemas import BatchSummary, RunListQuery, RunPage, RunResponse

bp = df.Blueprint()


@operation(bp, "GET", "v1/runs/{run_id}", scope=Scope.READ, responses={200: RunResponse}, errors=(404, 409))
def get_run(call: Call) -> Reply:
    """Return a run with a summary of each of its batches."""
    services = get_services()
    run = services.runs.get(call.path["run_id"])
    fields = set(BatchSummary.model_fields)
    found = batches_of_run(services, run.run_id)
    batches = [BatchSummary.model_validate(batch.model_dump(include=fields)) for batch in found]
    return Reply(RunResponse(run=run, batches=batches))


@operation(bp, "GET", "v1/runs", scope=Scope.READ, responses={200: RunPage})
def list_runs(call: Call, query: RunListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """List runs, newest first."""
    page = get_services().runs.page(query.limit, query.after, lambda run: query.status in (None, run.status))
    return Reply(RunPage(runs=page, next_after=page.next_after, unreadable=page.unreadable))
