"""HTTP: runs."""

import azure.durable_functions as df

from shared.batching.run_batches import batches_of_run
from shared.composition import get_services
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.work_schemas import BatchInShort, RunAnswer, RunListQuery, RunPage

bp = df.Blueprint()


@operation(bp, "GET", "v1/runs/{run_id}", scope=Scope.READ, answers={200: RunAnswer}, errors=(404, 409))
def get_run(call: Call) -> Reply:
    """A run, with its batches in short."""
    services = get_services()
    run = services.runs.get(call.path["run_id"])
    fields = set(BatchInShort.model_fields)
    found = batches_of_run(services, run.run_id)
    batches = [BatchInShort.model_validate(batch.model_dump(include=fields)) for batch in found]
    return Reply(RunAnswer(run=run, batches=batches))


@operation(bp, "GET", "v1/runs", scope=Scope.READ, answers={200: RunPage})
def list_runs(call: Call, query: RunListQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Runs, newest first."""
    page = get_services().runs.page(query.limit, query.after, lambda run: query.status in (None, run.status))
    return Reply(RunPage(runs=page, next_after=page.next_after, unreadable=page.unreadable))
