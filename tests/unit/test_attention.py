"""A batch that does not get on asks for attention; one that gets on may be restarted for ever."""

from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus
from shared.monitoring.restart_limit import MOST_RESTARTS, count_restart, reset_restarts
from tests.examples import NOW

BATCH = OpenAIBatch(
    batch_id="b", filename="f", created_at=NOW, run_id="r", category="c", status=BatchStatus.IN_PROGRESS
)


def after(batch: OpenAIBatch, restarts: int) -> OpenAIBatch:
    for _ in range(restarts):
        batch = count_restart(batch)
    return batch


def test_a_batch_that_stands_still_asks_after_so_many_restarts() -> None:
    assert after(BATCH, MOST_RESTARTS - 1).needs_attention is None
    stuck = after(BATCH, MOST_RESTARTS)
    assert "started 10 times while the batch was in_progress" in (stuck.needs_attention or "")
    assert after(reset_restarts(stuck), MOST_RESTARTS - 1).needs_attention is None


def test_a_batch_that_gets_on_begins_the_count_anew() -> None:
    almost = after(BATCH, MOST_RESTARTS - 1).model_copy(update={"status": BatchStatus.INGESTING})
    assert after(almost, MOST_RESTARTS - 1).needs_attention is None
