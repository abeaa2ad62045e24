from datetime import timedelta

import pytest

from shared.domain.batch import OpenAIBatch
from shared.domain.errors import NotFound, WrongState
from shared.domain.ids import newest_first_id
from shared.domain.states import BatchStatus
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.services import Services
from tests.examples import NOW


def batch(number: int = 0) -> OpenAIBatch:
    at = NOW + timedelta(minutes=number)
    return OpenAIBatch(
        batch_id=newest_first_id(at, str(number)),
        filename="input.jsonl",
        created_at=at,
        run_id="run",
        category="c",
    )


def to(status: BatchStatus) -> dict[str, object]:
    return {"status": status}


def test_a_record_is_created_once(services: Services) -> None:
    first = batch()
    assert services.batches.create(first)
    assert not services.batches.create(first.model_copy(update={"category": "other"}))
    assert services.batches.get(first.batch_id) == first


def test_records_come_newest_first_in_pages(services: Services) -> None:
    records = [batch(number) for number in range(5)]
    for record in records:
        services.batches.create(record)
    page = services.batches.page(2)
    assert page == [records[4], records[3]]
    assert services.batches.page(10, after=page[-1].batch_id) == [records[2], records[1], records[0]]
    assert services.batches.page(10, keep=lambda record: record == records[1]) == [records[1]]


def test_a_change_that_the_states_forbid_changes_nothing(services: Services) -> None:
    record = batch()
    services.batches.create(record)
    with pytest.raises(WrongState, match="is building and cannot become completed"):
        services.batches.modify(record.batch_id, lambda b: b.model_copy(update=to(BatchStatus.COMPLETED)))
    assert services.batches.get(record.batch_id) == record


def test_a_change_is_applied_to_what_is_stored_now(services: Services) -> None:
    record = batch()
    services.batches.create(record)
    calls: list[int] = []

    def change(current: OpenAIBatch) -> OpenAIBatch:
        if not calls:
            calls.append(1)
            services.batches.modify(record.batch_id, lambda b: b.model_copy(update={"product_count": 5}))
        return current.model_copy(update={"request_count": current.product_count * 7 + 1})

    assert services.batches.modify(record.batch_id, change).request_count == 36


def test_a_record_that_other_writers_keep_changing_is_named(services: Services) -> None:
    record = batch()
    services.batches.create(record)

    def contended(current: OpenAIBatch) -> OpenAIBatch:
        services.batches.modify(
            record.batch_id, lambda b: b.model_copy(update={"product_count": b.product_count + 1})
        )
        return current.model_copy(update={"request_count": 1})

    with pytest.raises(ConcurrentUpdate, match=f"The batch {record.batch_id} kept changing"):
        services.batches.modify(record.batch_id, contended)


def test_a_record_is_open_until_its_state_is_final(services: Services) -> None:
    first, second = batch(1), batch(2)
    services.batches.create(first)
    services.batches.create(second)
    assert services.batches.open_ids() == [second.batch_id, first.batch_id]
    services.batches.modify(first.batch_id, lambda b: b.model_copy(update=to(BatchStatus.CANCELLED)))
    assert services.batches.open_ids() == [second.batch_id]
    assert len(services.batches.page(10)) == 2


@pytest.mark.parametrize("record_id", ["nothing", "../x", "~open~x", "a/b", "", "x" * 2000])
def test_an_id_that_the_app_cannot_have_made_is_not_found(services: Services, record_id: str) -> None:
    with pytest.raises(NotFound, match="There is no batch"):
        services.batches.get(record_id)


def test_a_marker_has_the_same_fields_as_its_record(services: Services) -> None:
    """The balancer reads the quota that an open batch takes from its marker alone."""
    records = [batch(number) for number in range(2)]
    for record in records:
        services.batches.create(record)
    built = {"build_id": "b", "deployment": "sweden", "input_tokens_estimate": 7}
    services.batches.modify(records[0].batch_id, lambda one: one.model_copy(update=built))
    found = services.batches.open_markers().values()
    assert [(marker["deployment"], marker["input_tokens_estimate"]) for marker in found] == [
        ("default", 0),
        ("sweden", 7),
    ]
    services.batches.modify(records[0].batch_id, lambda one: one.model_copy(update=to(BatchStatus.CANCELLED)))
    assert list(services.batches.open_markers()) == [records[1].batch_id]
