"""A batch that makes no progress needs a person after a number of restarts. Progress resets the count."""

from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus
from shared.monitoring.restart_limit import MAX_RESTARTS, count_restart, reset_restarts
from tests.examples import NOW

BATCH = OpenAIBatch(
    batch_id="b", filename="f", created_at=NOW, run_id="r", category="c", status=BatchStatus.IN_PROGRESS
)


def after(batch: OpenAIBatch, restarts: int) -> OpenAIBatch:
    for _ in range(restarts):
        batch = count_restart(batch)
    return batch


def test_a_batch_that_is_stuck_needs_a_person_after_the_last_allowed_restart() -> None:
    assert after(BATCH, MAX_RESTARTS - 1).needs_attention is None
    stuck = after(BATCH, MAX_RESTARTS)
    assert "started 10 times while the batch was in_progress" in (stuck.needs_attention or "")
    assert after(reset_restarts(stuck), MAX_RESTARTS - 1).needs_attention is None


def test_a_change_of_state_starts_the_count_again() -> None:
    progressed = after(BATCH, MAX_RESTARTS - 1).model_copy(update={"status": BatchStatus.INGESTING})
    assert after(progressed, MAX_RESTARTS - 1).needs_attention is None
