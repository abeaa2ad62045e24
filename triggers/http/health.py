"""HTTP: health, open to probes without a key."""

import logging

import azure.durable_functions as df
from azure.core.exceptions import AzureError

from shared.composition import get_services
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Answer, Scope

bp = df.Blueprint()


class HealthAnswer(Answer):
    status: str
    checks: dict[str, str]


@operation(bp, "GET", "v1/health", scope=Scope.OPEN, answers={200: HealthAnswer, 503: HealthAnswer})
def health(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Whether the settings and the storage are well; says what was checked and nothing else."""
    try:
        services = get_services()
        services.summaries.slugs("", 1)
        services.blobs.exists("health")
        aside = services.balancer.set_aside()
    except AzureError:
        logging.exception("health: the storage account does not answer")
        checks = {"settings": "ok", "storage": "unavailable"}
        return Reply(HealthAnswer(status="unavailable", checks=checks), 503)
    checks = {"settings": "ok", "storage": "ok"}
    if services.settings.more_deployments:
        # The caller may be anybody: how many, not which; the log and the batches say the rest.
        checks["deployments"] = f"{len(aside)} set aside" if aside else "ok"
    return Reply(HealthAnswer(status="ok", checks=checks))
