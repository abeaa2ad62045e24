"""The lock on preparing: one run at a time selects products and builds batches.

Claims alone keep two runs from sending the same product. The lock keeps them from competing for the same
products, which would split a category over their batches.
"""

from datetime import datetime, timedelta

from shared.domain.clock import utcnow
from shared.persistence.run_repository import RunRepository

LOCK_DURATION = timedelta(minutes=10)
# A long build renews this often, so that a slow write or two does not cost it the lock.
_RENEW_AFTER = LOCK_DURATION / 3


class PreparationLockLost(Exception):
    """Another run holds the lock on preparing."""


class PreparationLock:
    """The lock as one activity of a run uses it while it prepares a batch."""

    def __init__(self, runs: RunRepository, run_id: str) -> None:
        self._runs = runs
        self._run_id = run_id
        self._renewed_at: datetime | None = None

    def renew(self) -> None:
        """Renew the lock, or take it when it is free or expired.

        Raises:
            PreparationLockLost: when another run holds it.
        """
        now = utcnow()
        if not self._runs.lock(self._run_id, LOCK_DURATION):
            raise PreparationLockLost(f"Run {self._run_id} lost the lock on preparing to another run.")
        self._renewed_at = now

    def renew_when_due(self) -> None:
        """Renew the lock when a third of its duration has passed; otherwise no request is made.

        Raises:
            PreparationLockLost: when another run holds it.
        """
        if self._renewed_at is None or utcnow() - self._renewed_at >= _RENEW_AFTER:
            self.renew()
