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
    """Check the settings, the storage and Azure OpenAI. Returns only the result of each check.

    Without Azure OpenAI the status is `degraded` and the response is 200: the app serves and imports, and
    what waits for Azure OpenAI continues by itself later.
    """
    try:
        services = get_services()
        services.summaries.slugs("", 1)
        services.blobs.exists("health")
        aside = services.balancer.set_aside()
        # No key is needed here, so the response has no names. Names are in the log and in batch records.
        unreachable = services.router.access.recently_unreachable()
    except AzureError:
        logging.exception("health: the storage account does not answer")
        checks = {"settings": "ok", "storage": "unavailable"}
        return Reply(HealthResponse(status="unavailable", checks=checks), 503)
    checks = {"settings": "ok", "storage": "ok", "azure_openai": "unreachable" if unreachable else "ok"}
    if services.settings.more_deployments:
        checks["deployments"] = f"{len(aside)} set aside" if aside else "ok"
    return Reply(HealthResponse(status="degraded" if unreachable else "ok", checks=checks))
