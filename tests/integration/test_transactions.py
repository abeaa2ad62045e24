"""Transactions on real storage: all or nothing, which operation is refused, and lost answers."""

from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableTransactionError

from shared.persistence.table import Table, etag_of, if_unchanged
from shared.services import Services

PARTITION = "it's ö 100"
NO_ETAG = "W/\"datetime'2020-01-01T00%3A00%3A00.0000000Z'\""


@pytest.fixture
def table(services: Services) -> Table:
    return services.contents._table


def row(key: str, **properties: Any) -> dict[str, Any]:
    return {"PartitionKey": PARTITION, "RowKey": key, **properties}


def test_everything_is_written_and_read_back(table: Table) -> None:
    rows = [row(f"row {number}'s", text="ж\n" * number, price=number / 3) for number in range(100)]
    assert table.transact([[("upsert", each, {"mode": "replace"}) for each in rows]]) == []
    found = {entity["RowKey"]: dict(entity) for entity in table.query(PARTITION)}
    assert found == {each["RowKey"]: each for each in rows}


def test_a_refused_operation_is_named_and_undoes_the_others(table: Table) -> None:
    table.insert(row("there"))
    client = table._client
    with pytest.raises(TableTransactionError) as refused:
        client.submit_transaction([("create", row("new")), ("upsert", row("x")), ("create", row("there"))])
    assert (refused.value.status_code, refused.value.index) == (409, 2)
    with pytest.raises(TableTransactionError) as refused:
        client.submit_transaction([("create", row("new")), ("update", row("there"), if_unchanged(NO_ETAG))])
    assert (refused.value.status_code, refused.value.index) == (412, 1)
    with pytest.raises(TableTransactionError) as refused:
        client.submit_transaction([("update", row("gone")), ("create", row("new"))])
    assert (refused.value.status_code, refused.value.index) == (404, 0)
    assert [entity["RowKey"] for entity in table.query(PARTITION)] == ["there"]


def test_conditions_are_checked_and_deletes_delete(table: Table) -> None:
    table.insert(row("there", number=1))
    there = table.get(PARTITION, "there")
    assert there is not None
    unchanged = {**if_unchanged(etag_of(there)), "mode": "replace"}
    changed: list[Any] = [("update", row("there", number=2), unchanged)]
    assert table.transact([changed]) == []
    assert table.transact([changed]) == [0]
    assert table.transact([[("delete", row("there"))], [("create", row("next"))]]) == []
    assert [entity["RowKey"] for entity in table.query(PARTITION)] == ["next"]


def test_after_a_lost_answer_an_upsert_is_repeated_and_a_create_raises(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, answered = RequestsTransport.send, []

    def lose_the_first(self: RequestsTransport, request: Any, **options: Any) -> Any:
        answered.append(real(self, request, **options))
        if len(answered) == 1:
            raise ServiceResponseError("the connection was reset")
        return answered[-1]

    monkeypatch.setattr(RequestsTransport, "send", lose_the_first)
    assert table.transact([[("upsert", row("a", number=1))]]) == []
    assert len(answered) == 2
    answered.clear()
    with pytest.raises(ServiceResponseError, match="the connection was reset"):
        table.transact([[("create", row("b"))]])
    assert len(answered) == 1
