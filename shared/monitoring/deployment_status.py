"""How the deployments stand: what is reserved at each, its limits, and whether it is set aside."""

from datetime import datetime
from functools import partial

from pydantic import BaseModel, Field

from shared.capacity.reservations import Amounts
from shared.persistence.parallel import later
from shared.services import Services


class DeploymentStands(BaseModel):
    """One deployment; limits of 0 are none."""

    name: str = Field(description="as batches name it; `default` is that of the fixed settings")
    quota: Amounts = Field(description="tokens and files that open batches have reserved")
    enqueued_token_limit: int
    file_limit: int
    set_aside_until: datetime | None = Field(description="until then it gets no new batches; null: it does")
    reason: str | None = Field(description="why it is set aside")


def stand(services: Services) -> list[DeploymentStands]:
    """Every deployment of the settings, that of the fixed ones first; not from a thread of the pool."""
    own = services.settings.by_deployment()
    quotas = {name: later(partial(services.budget.quota, name)) for name in own}
    aside = services.balancer.set_aside()
    return [
        DeploymentStands(
            name=name,
            quota=quotas[name].result(),
            enqueued_token_limit=settings.enqueued_token_limit,
            file_limit=settings.file_limit,
            set_aside_until=aside[name].set_aside_until if name in aside else None,
            reason=aside[name].reason if name in aside else None,
        )
        for name, settings in own.items()
    ]
