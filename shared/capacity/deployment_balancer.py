"""Chooses a batch's deployment: of those not set aside, the one with the largest share of its quota left."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from statistics import mean

from pydantic import Field

from shared.config.settings import Settings
from shared.domain.batch import DEFAULT_DEPLOYMENT, OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, JobStatus
from shared.domain.stored import Stored
from shared.persistence.entity_codec import Entity, encode, readable
from shared.persistence.read_modify_write import update_row
from shared.persistence.record_repository import RecordRepository
from shared.persistence.table import Table

_PARTITION = "deployments"
# A deployment is set aside after this many batches in a row that failed as a whole.
MOST_FAILURES = 3
# Fields of every open batch that are read when a batch is built.
MARKER_FIELDS = ("build_id", "deployment", "status", "input_tokens_estimate", "wait_kind")


class DeploymentHealth(Stored):
    """Recent failures of a deployment."""

    failed: list[str] = Field(default_factory=list, description="ids of the batches that failed in a row")
    set_aside_until: datetime | None = None
    reason: str | None = None


class DeploymentBalancer:
    """Chooses deployments, and stores their health in a table that all processes share."""

    def __init__(self, settings: Settings, table: Table, batches: RecordRepository[OpenAIBatch]) -> None:
        self._deployments = settings.by_deployment()
        self._pause = timedelta(seconds=settings.deployment_pause_seconds)
        self._table = table
        self._batches = batches

    def choose(self, batch_id: str) -> str:
        """The deployment for a batch whose build begins. When all are set aside, all of them can be chosen.

        Builds run at the same time, and none knows yet what the others choose. So open batches that have no
        deployment yet are assigned in the order of their ids, whichever of them calls: they spread as if they
        were built one by one. A batch that has ended meanwhile gets a deployment too, but its build does not
        begin (`current_build.begin`).
        """
        if len(self._deployments) == 1:
            return DEFAULT_DEPLOYMENT
        aside = self.set_aside()
        usable = [name for name in self._deployments if name not in aside] or list(self._deployments)
        known = {name: self._deployments[name].enqueued_token_limit for name in usable}
        # An unknown limit counts as the largest known one.
        limits = {name: limit or max(known.values()) or 1 for name, limit in known.items()}
        markers = self._batches.open_markers()
        sizes = [size for marker in markers.values() if (size := marker.get("input_tokens_estimate"))]
        usual = mean(sizes) if sizes else 1.0
        load = dict.fromkeys(self._deployments, 0.0)
        without = []
        for other, marker in markers.items():
            # Online batches do not count, nor do batches whose deployment is not in the settings any more.
            if marker.get("deployment", DEFAULT_DEPLOYMENT) not in load:
                continue
            if other == batch_id or not marker.get("build_id"):
                without.append(other)
            elif marker["status"] != BatchStatus.INGESTING:
                load[marker["deployment"]] += marker["input_tokens_estimate"] or usual

        def emptiest() -> str:
            """The deployment with the smallest share in use; of equal ones, that with the largest quota."""
            return min(usable, key=lambda name: (load[name] / limits[name], -limits[name]))

        for _ in takewhile(lambda other: other != batch_id, without):
            load[emptiest()] += usual
        return emptiest()

    def note(self, batch: OpenAIBatch) -> None:
        """Store how a batch's job ended. A repeated call changes nothing; a cancelled job does not count.

        Raises:
            ConcurrentUpdate: when other writers were first at every attempt.
        """
        if len(self._deployments) == 1 or batch.deployment not in self._deployments:
            return
        if batch.job_status in (None, JobStatus.CANCELLED):
            return
        has_failed = batch.job_status in (JobStatus.FAILED, JobStatus.REFUSED)

        def noted(entity: Entity | None) -> tuple[str | None, Entity | None]:
            """The reason if the deployment is set aside now, and the row to write."""
            before = next(readable(DeploymentHealth, [entity] if entity else []), DeploymentHealth())
            if has_failed and batch.batch_id in before.failed:
                return None, None
            after = self._after(batch, before) if has_failed else DeploymentHealth()
            if after == before:
                return None, None
            is_new = after.set_aside_until not in (None, before.set_aside_until)
            return after.reason if is_new else None, encode(_PARTITION, batch.deployment, after)

        what = f"The record of deployment {batch.deployment}"
        if reason := update_row(self._table, (_PARTITION, batch.deployment), noted, what):
            logging.error("deployment %s is set aside: %s", batch.deployment, reason)

    def set_aside(self) -> Mapping[str, DeploymentHealth]:
        """The deployments that get no new batches for now, with reason and end."""
        if len(self._deployments) == 1:
            return {}
        rows = {
            row["RowKey"]: health
            for row in self._table.query(_PARTITION)
            for health in readable(DeploymentHealth, [row])
        }
        return {
            name: each
            for name, each in rows.items()
            if name in self._deployments and each.set_aside_until and each.set_aside_until > utcnow()
        }

    def _after(self, batch: OpenAIBatch, before: DeploymentHealth) -> DeploymentHealth:
        failed = [*before.failed, batch.batch_id][-MOST_FAILURES:]
        if len(failed) < MOST_FAILURES:
            return before.model_copy(update={"failed": failed})
        error = batch.job_error or "no reason given"
        reason = f"{MOST_FAILURES} batches in a row failed as a whole, the last with {error}"
        return DeploymentHealth(failed=failed, set_aside_until=utcnow() + self._pause, reason=reason[:1000])
