"""Which deployment a batch is built for: the one with most of its quota left that is not set aside."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from statistics import mean

from pydantic import BaseModel, Field

from shared.config.settings import Settings
from shared.domain.batch import DEFAULT_DEPLOYMENT, OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, JobStatus
from shared.persistence.entity_codec import Entity, decode, encode
from shared.persistence.read_modify_write import update_row
from shared.persistence.record_repository import RecordRepository
from shared.persistence.table import Table

_PARTITION = "deployments"
# Batches that failed as a whole, in a row, until a deployment is set aside.
MOST_FAILURES = 3
# What is read of every open batch when one is built.
MARKED = ("build_id", "deployment", "status", "input_tokens_estimate")


class Standing(BaseModel):
    """How a deployment has done lately."""

    failed: list[str] = Field(default_factory=list, description="batches that failed in a row, by id")
    set_aside_until: datetime | None = None
    reason: str | None = None


class DeploymentBalancer:
    """Chooses deployments and remembers how they do; the app's processes share what is remembered."""

    def __init__(self, settings: Settings, table: Table, batches: RecordRepository[OpenAIBatch]) -> None:
        self._deployments = settings.by_deployment()
        self._pause = timedelta(seconds=settings.deployment_pause_seconds)
        self._table = table
        self._batches = batches

    def choose(self, batch_id: str) -> str:
        """The deployment for a batch whose build begins. When all are set aside, all are as good as before.

        Builds run side by side, and none knows yet what the others choose. So batches without a deployment
        get theirs in the order of their ids, whichever of them asks: they spread as if one after another.
        A batch that has ended meanwhile is answered too; its build does not begin (`current_build.begin`).
        """
        if len(self._deployments) == 1:
            return DEFAULT_DEPLOYMENT
        aside = self.set_aside()
        usable = [name for name in self._deployments if name not in aside] or list(self._deployments)
        known = {name: self._deployments[name].enqueued_token_limit for name in usable}
        # A limit that is not known counts like the largest that is.
        limits = {name: limit or max(known.values()) or 1 for name, limit in known.items()}
        marks = self._batches.open_marks()
        sizes = [size for mark in marks.values() if (size := mark.get("input_tokens_estimate"))]
        usual = mean(sizes) if sizes else 1.0
        load = dict.fromkeys(self._deployments, 0.0)
        without = []
        for other, mark in marks.items():
            # One whose requests are asked online has no part in it, nor has one whose deployment is gone.
            if mark.get("deployment", DEFAULT_DEPLOYMENT) not in load:
                continue
            if other == batch_id or not mark.get("build_id"):
                without.append(other)
            elif mark["status"] != BatchStatus.INGESTING:
                load[mark["deployment"]] += mark["input_tokens_estimate"] or usual

        def emptiest() -> str:
            """The smallest share that is taken; of equal ones the largest quota."""
            return min(usable, key=lambda name: (load[name] / limits[name], -limits[name]))

        for _ in takewhile(lambda other: other != batch_id, without):
            load[emptiest()] += usual
        return emptiest()

    def note(self, batch: OpenAIBatch) -> None:
        """Remember how a batch's job ended; a repeated call changes nothing, and a cancel says nothing."""
        if len(self._deployments) == 1 or batch.deployment not in self._deployments:
            return
        if batch.job_status in (None, JobStatus.CANCELLED):
            return
        has_failed = batch.job_status in (JobStatus.FAILED, JobStatus.REFUSED)

        def noted(entity: Entity | None) -> tuple[str | None, Entity | None]:
            """The reason, if the deployment is now set aside; and the row to write."""
            before = Standing() if entity is None else decode(Standing, entity)
            if has_failed and batch.batch_id in before.failed:
                return None, None
            after = self._after(batch, before) if has_failed else Standing()
            if after == before:
                return None, None
            is_new = after.set_aside_until not in (None, before.set_aside_until)
            return after.reason if is_new else None, encode(_PARTITION, batch.deployment, after)

        what = f"The record of deployment {batch.deployment}"
        if reason := update_row(self._table, (_PARTITION, batch.deployment), noted, what):
            logging.error("deployment %s is set aside: %s", batch.deployment, reason)

    def set_aside(self) -> Mapping[str, Standing]:
        """The deployments that get no new batches for now, with the reason."""
        if len(self._deployments) == 1:
            return {}
        rows = {row["RowKey"]: decode(Standing, row) for row in self._table.query(_PARTITION)}
        return {
            name: each
            for name, each in rows.items()
            if name in self._deployments and each.set_aside_until and each.set_aside_until > utcnow()
        }

    def _after(self, batch: OpenAIBatch, before: Standing) -> Standing:
        failed = [*before.failed, batch.batch_id][-MOST_FAILURES:]
        if len(failed) < MOST_FAILURES:
            return before.model_copy(update={"failed": failed})
        said = batch.job_error or "no reason"
        reason = f"{MOST_FAILURES} batches in a row failed as a whole, the last with {said}"
        return Standing(failed=failed, set_aside_until=utcnow() + self._pause, reason=reason[:1000])
