"""The status of each deployment: reserved quota, limits, and whether it is set aside."""

from datetime import datetime
from functools import partial

from pydantic import BaseModel, Field

from shared.capacity.reservations import Amounts
from shared.persistence.parallel import later
from shared.services import Services


class DeploymentStatus(BaseModel):
    """One deployment. A limit of 0 means no limit."""

    name: str = Field(description="as in batch records; `default` is the deployment of the fixed settings")
    quota: Amounts = Field(description="tokens and files reserved by open batches")
    enqueued_token_limit: int
    file_limit: int
    set_aside_until: datetime | None = Field(description="it gets no new batches until then; null: in use")
    reason: str | None = Field(description="why it is set aside")


def deployment_statuses(services: Services) -> list[DeploymentStatus]:
    """Return every configured deployment, the one of the fixed settings first.

    Do not call this from a thread of the shared pool: it waits for other tasks of that pool.
    """
    configured = services.settings.by_deployment()
    quotas = {name: later(partial(services.budget.quota, name)) for name in configured}
    aside = services.balancer.set_aside()
    return [
        DeploymentStatus(
            name=name,
            quota=quotas[name].result(),
            enqueued_token_limit=settings.enqueued_token_limit,
            file_limit=settings.file_limit,
            set_aside_until=aside[name].set_aside_until if name in aside else None,
            reason=aside[name].reason if name in aside else None,
        )
        for name, settings in configured.items()
    ]
