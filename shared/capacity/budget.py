"""Money and quota. Every batch reserves its worst case before it can cost anything, and settles once.

There are three pools: the run's money, the month's money, and the deployment's enqueued tokens and files. The
amounts are in the `reservations` table, written so that concurrent batches cannot exceed a cap.
"""

from collections.abc import Mapping
from datetime import datetime

from shared.capacity.reservations import Amounts, Pool
from shared.config.settings import Settings
from shared.domain.batch import DEFAULT_DEPLOYMENT, OpenAIBatch, TransferMode
from shared.domain.clock import utcnow
from shared.persistence.table import Table

_COST, _TOKENS, _FILES = "cost", "tokens", "files"
# Azure counts the input, the output and the error file.
FILES_PER_BATCH = 3
# The app's count of a request's tokens is within a few percent of the service's (docs/forecast.md).
_TOKEN_MARGIN = 1.05


class Budget:
    """Reserves and settles for batches. Safe under concurrent and repeated calls."""

    def __init__(self, settings: Settings, table: Table) -> None:
        self._settings = settings
        self._deployments = settings.by_deployment()
        self._table = table

    def cost_left(self, batch: OpenAIBatch) -> float:
        """USD that a batch may reserve at most, including what it has reserved. Infinite without caps."""
        caps = [
            (self._run(batch.run_id), self._settings.max_run_cost),
            (self._month(batch.created_at), self._settings.max_month_cost),
        ]
        left = [
            cap - pool.totals().held(_COST) + pool.reserved(batch.batch_id).get(_COST, 0.0)
            for pool, cap in caps
            if cap
        ]
        return max(0.0, min(left, default=float("inf")))

    def reserve_cost(self, batch: OpenAIBatch, worst: float) -> str | None:
        """Reserve a batch's worst case. Returns None on success, else which cap is reached.

        When the month's cap is reached, the run's reservation stays. The code that ends the batch settles it.
        """
        run, month = self._run(batch.run_id), self._month(batch.created_at)
        if run.reserve(batch.batch_id, {_COST: worst}, _limit(self._settings.max_run_cost)):
            return f"MAX_RUN_COST of {self._settings.max_run_cost:.2f} USD is reached"
        if month.reserve(batch.batch_id, {_COST: worst}, _limit(self._settings.max_month_cost)):
            return f"MAX_MONTH_COST of {self._settings.max_month_cost:.2f} USD is reached"
        return None

    def settle_cost(self, batch: OpenAIBatch, used: float) -> None:
        """Replace a batch's reservation by its real cost. The batch can reserve nothing more."""
        self._run(batch.run_id).settle(batch.batch_id, {_COST: used})
        self._month(batch.created_at).settle(batch.batch_id, {_COST: used})

    def reserve_quota(self, batch: OpenAIBatch) -> str | None:
        """Reserve a batch's tokens and files at its deployment. Returns None on success, else what is short.

        Online calls use no quota of a batch deployment.
        """
        if batch.is_online:
            return None
        wanted = {
            _TOKENS: round(batch.input_tokens_estimate * _TOKEN_MARGIN),
            _FILES: FILES_PER_BATCH if batch.transfer == TransferMode.FILES else 0,
        }
        own = self._deployments[batch.deployment]
        limits = {_FILES: own.file_limit, **_limit(own.enqueued_token_limit, _TOKENS)}
        short = self._quota(batch.deployment).reserve(batch.batch_id, wanted, limits)
        if short is None:
            return None
        held = self._quota(batch.deployment).totals().held(short)
        return f"{short} at the deployment: {held:,.0f} of {limits[short]:,.0f} are reserved"

    def give_back_quota(self, batch: OpenAIBatch) -> None:
        """Return a batch's tokens and files, once its job has ended and its files are deleted."""
        self._quota(batch.deployment).give_back(batch.batch_id)

    def month(self) -> Amounts:
        """What is reserved and used of this month's money."""
        return self._month(utcnow()).totals()

    def quota(self, deployment: str = DEFAULT_DEPLOYMENT) -> Amounts:
        """What is reserved at a deployment."""
        return self._quota(deployment).totals()

    def _run(self, run_id: str) -> Pool:
        return Pool(self._table, f"run-{run_id}")

    def _month(self, at: datetime) -> Pool:
        return Pool(self._table, f"month-{at:%Y-%m}")

    def _quota(self, deployment: str) -> Pool:
        own = self._settings.azure_openai_deployment_name
        return Pool(
            self._table, f"quota-{own}" if deployment == DEFAULT_DEPLOYMENT else f"quota-of-{deployment}"
        )


def _limit(limit: float, name: str = _COST) -> Mapping[str, float]:
    """The limit by name. A limit of 0 means no limit."""
    return {name: limit} if limit else {}
