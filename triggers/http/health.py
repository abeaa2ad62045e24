"""HTTP: the health check. It needs no key, so that probes can call it."""

import logging

import azure.durable_functions as df
from azure.core.exceptions import AzureError

from shared.composition import get_services
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import ResponseModel, Scope

bp = df.Blueprint()


class HealthResponse(ResponseModel):
    status: str
    checks: dict[str, str]


@operation(bp, "GET", "v1/health", scope=Scope.OPEN, responses={200: HealthResponse, 503: HealthResponse})
def health(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Check the settings and the storage. Returns only the result of each check."""
    try:
        services = get_services()
        services.summaries.slugs("", 1)
        services.blobs.exists("health")
        aside = services.balancer.set_aside()
    except AzureError:
        logging.exception("health: the storage account does not answer")
        checks = {"settings": "ok", "storage": "unavailable"}
        return Reply(HealthResponse(status="unavailable", checks=checks), 503)
    checks = {"settings": "ok", "storage": "ok"}
    if services.settings.more_deployments:
        # Anyone may call this: the response has only the number. Names are in the log and in batch records.
        checks["deployments"] = f"{len(aside)} set aside" if aside else "ok"
    return Reply(HealthResponse(status="ok", checks=checks))
