"""HTTP: runs."""

import azure.durable_functions as df
import azure.functions as func

from shared.services import get_services
from triggers.http import Reply, endpoint

bp = df.Blueprint()


@bp.route("v1/runs/{run_id}", methods=["GET"])
@endpoint
def get_run(req: func.HttpRequest) -> Reply:
    """A run, with its batches in short."""
    services = get_services()
    run = services.runs.get(req.route_params["run_id"])
    batches = [services.batches.find(batch_id) for batch_id in services.runs.batch_ids(run.run_id)]
    return Reply(
        {
            "run": run.model_dump(mode="json"),
            "batches": [
                {
                    "batch_id": batch.batch_id,
                    "category": batch.category,
                    "status": batch.status,
                    "product_count": batch.product_count,
                    "request_count": batch.request_count,
                    "requests_done": batch.requests_done,
                    "waits_for": batch.waits_for,
                    "error_message": batch.error_message,
                    "counts": batch.counts.model_dump(mode="json"),
                    "prompt_tokens": batch.prompt_tokens,
                    "completion_tokens": batch.completion_tokens,
                    "cost": batch.cost,
                }
                for batch in batches
                if batch is not None
            ],
        }
    )
