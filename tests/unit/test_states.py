"""The state machines: which state may follow which, and what a refusal says."""

import pytest

from shared.domain.errors import WrongState
from shared.domain.states import (
    BATCH_TRANSITIONS,
    PRODUCT_TRANSITIONS,
    RUN_TRANSITIONS,
    TASK_TRANSITIONS,
    BatchStatus,
    ProductStatus,
    RunStatus,
    TaskStatus,
    allowed,
    require,
)


def test_every_state_has_its_transitions() -> None:
    assert set(BATCH_TRANSITIONS) == set(BatchStatus)
    assert set(RUN_TRANSITIONS) == set(RunStatus)
    assert set(PRODUCT_TRANSITIONS) == set(ProductStatus)
    assert set(TASK_TRANSITIONS) == set(TaskStatus)


@pytest.mark.parametrize("status", list(BatchStatus))
def test_from_every_batch_state_a_final_one_can_be_reached(status: BatchStatus) -> None:
    reached, front = {status}, [status]
    while front:
        for following in BATCH_TRANSITIONS[front.pop()] - reached:
            reached.add(following)
            front.append(following)
    assert any(state.is_terminal for state in reached)


def test_a_refused_transition_names_the_allowed_ones() -> None:
    with pytest.raises(WrongState) as error:
        require(BatchStatus.CREATED, BatchStatus.COMPLETED, "Batch b1")
    assert error.value.details == {"state": "created", "allowed": ["cancelled", "submitting"]}
    assert "Batch b1 is created" in str(error.value)


def test_keeping_a_state_is_allowed_and_leaving_a_final_one_is_not() -> None:
    require(BatchStatus.COMPLETED, BatchStatus.COMPLETED, "Batch b1")
    assert allowed(BatchStatus.COMPLETED) == []
    with pytest.raises(WrongState, match="final"):
        require(BatchStatus.COMPLETED, BatchStatus.INGESTING, "Batch b1")
