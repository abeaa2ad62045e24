"""HTTP: health, open to probes without a key."""

import logging

import azure.durable_functions as df
import azure.functions as func
from azure.core.exceptions import AzureError

from shared.services import get_services
from triggers.http import Reply, open_endpoint

bp = df.Blueprint()


@bp.route("v1/health", methods=["GET"])
@open_endpoint
def health(req: func.HttpRequest) -> Reply:  # noqa: ARG001 - the binding's name
    """200 when the storage answers, 503 when it does not; says what was checked and nothing else."""
    try:
        get_services().summaries.slugs("", 1)
        get_services().blobs.exists("health")
    except AzureError:
        logging.exception("health: the storage account does not answer")
        return Reply({"status": "unavailable", "checks": {"settings": "ok", "storage": "unavailable"}}, 503)
    return Reply({"status": "ok", "checks": {"settings": "ok", "storage": "ok"}})
