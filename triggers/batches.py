"""HTTP: batches, and starting the work that makes them."""

import asyncio
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from shared.errors import InvalidRequest, WrongState
from shared.models.batch import OpenAIBatch
from shared.services import get_services
from shared.states import BatchStatus, allowed
from triggers.http import Reply, accepted, endpoint, int_parameter
from triggers.starts import create_run, start_lifecycle, start_run, wake_lifecycle

bp = df.Blueprint()

_MOST_PER_CATEGORY = 1_000_000
_PAGE = 50
_LARGEST_PAGE = 500

# How submitting is fenced is no caller's business.
_INTERNAL = {"submit_phase", "submit_owner", "submit_expires_at", "checks_without_output", "segments"}


@bp.route("v1/batch/create", methods=["POST"])
@bp.durable_client_input(client_name="client")
@endpoint
async def create_batches(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> Reply:
    """Claim products and build their batch files, without submitting them."""
    return await _start(req, client, submit=False)


@bp.route("v1/batch/pipeline", methods=["POST"])
@bp.durable_client_input(client_name="client")
@endpoint
async def run_pipeline(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> Reply:
    """Everything: claim, build, submit, wait, and store what comes back."""
    return await _start(req, client, submit=True)


@bp.route("v1/batch/submit/{batch_id}", methods=["POST"])
@bp.durable_client_input(client_name="client")
@endpoint
async def submit_created_batch(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> Reply:
    """Submit a batch that was created; its lifecycle does the rest."""
    services = await asyncio.to_thread(get_services)
    batch = await asyncio.to_thread(services.batches.get, req.route_params["batch_id"])
    if batch.status != BatchStatus.CREATED or not await start_lifecycle(client, batch.batch_id):
        raise WrongState(
            f"Batch {batch.batch_id} is {batch.status}; a created batch can be submitted, and only once.",
            state=str(batch.status),
            allowed=allowed(batch.status),
        )
    return accepted({"batch": _view(batch)}, _status_path(batch))


@bp.route("v1/batch/status/{batch_id}", methods=["GET"])
@endpoint
def batch_status(req: func.HttpRequest) -> Reply:
    """One batch's record."""
    return Reply({"batch": _view(get_services().batches.get(req.route_params["batch_id"]))})


@bp.route("v1/batch/process-results/{batch_id}", methods=["POST"])
@bp.durable_client_input(client_name="client")
@endpoint
async def process_results(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> Reply:
    """Look at the job now, and store its results when it has ended. Safe to repeat."""
    services = await asyncio.to_thread(get_services)
    batch = await asyncio.to_thread(services.batches.get, req.route_params["batch_id"])
    if batch.status.is_terminal:
        return Reply({"batch": _view(batch), "message": "The results are processed already."})
    if batch.status in (BatchStatus.BUILDING, BatchStatus.CREATED):
        raise WrongState(
            f"Batch {batch.batch_id} is {batch.status}: it has no job yet. Submit it first.",
            state=str(batch.status),
            allowed=allowed(batch.status),
        )
    await wake_lifecycle(client, batch.batch_id)
    return accepted({"batch": _view(batch)}, _status_path(batch))


@bp.route("v1/batch/list", methods=["GET"])
@endpoint
def list_batches(req: func.HttpRequest) -> Reply:
    """Batches, newest first: `limit`, `after` (a batch id) and `status`."""
    limit = int_parameter(req, "limit", _PAGE, 1, _LARGEST_PAGE)
    wanted = _status_filter(req.params.get("status"))
    page = get_services().batches.page(
        limit, req.params.get("after"), lambda batch: wanted is None or batch.status == wanted
    )
    following = page[-1].batch_id if len(page) == limit else None
    return Reply({"batches": [_view(batch) for batch in page], "next_after": following})


@bp.route("v1/batch/products/status", methods=["GET"])
@endpoint
def products_status(req: func.HttpRequest) -> Reply:  # noqa: ARG001 - the binding's name
    """Products by status and category, each with the time it was counted."""
    summaries = get_services().summaries.all()
    totals: dict[str, int] = {}
    for summary in summaries:
        for status, count in summary.by_status.items():
            totals[str(status)] = totals.get(str(status), 0) + count
    return Reply({"totals": totals, "categories": [summary.model_dump(mode="json") for summary in summaries]})


async def _start(req: func.HttpRequest, client: df.DurableOrchestrationClient, submit: bool) -> Reply:
    limit = int_parameter(req, "category_limit", 0, 0, _MOST_PER_CATEGORY)
    categories = [part.strip() for part in req.params.get("category", "").split(",") if part.strip()]
    services = await asyncio.to_thread(get_services)
    run = await asyncio.to_thread(create_run, services, limit, categories, submit, "http")
    await start_run(client, services, run)
    return accepted({"run": run.model_dump(mode="json")}, f"/api/v1/runs/{run.run_id}")


def _status_filter(text: str | None) -> BatchStatus | None:
    if text is None:
        return None
    try:
        return BatchStatus(text)
    except ValueError:
        known = ", ".join(BatchStatus)
        raise InvalidRequest(f"status must be one of {known}.", parameter="status") from None


def _view(batch: OpenAIBatch) -> dict[str, Any]:
    return batch.model_dump(mode="json", exclude=_INTERNAL)


def _status_path(batch: OpenAIBatch) -> str:
    return f"/api/v1/batch/status/{batch.batch_id}"
