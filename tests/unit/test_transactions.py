"""Transactions: the request equals the SDK's, and a refusal is read correctly."""

import email.parser
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from azure.core import MatchConditions
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import EdmType, EntityProperty, TableClient, TableTransactionError, UpdateMode
from hypothesis import given
from hypothesis import strategies as st

from shared.persistence.table import if_unchanged
from shared.persistence.transactions import TransactionClient

ACCOUNT = "DefaultEndpointsProtocol=http;AccountName=shop;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:9/shop;"
KEYS = {"PartitionKey": "p'ö/a", "RowKey": "candidate~en-US"}
ENTITY = {
    **KEYS,
    "text": 'two\n"lines" ж',
    "flag": True,
    "number": -7,
    "large": EntityProperty(2**40, EdmType.INT64),
    "price": 1299.5,
    "whole": 3.0,
    "at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    "elsewhere": datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-5))),
}
OPERATIONS: list[Any] = [
    ("create", ENTITY),
    ("upsert", {**ENTITY, "RowKey": "1"}),
    ("upsert", {**ENTITY, "RowKey": "2"}, {"mode": "replace"}),
    ("upsert", {**ENTITY, "RowKey": "3"}, {"mode": UpdateMode.MERGE}),
    ("update", {**ENTITY, "RowKey": "4"}),
    ("update", {**ENTITY, "RowKey": "5"}, {**if_unchanged('W/"x"'), "mode": "replace"}),
    ("delete", {**KEYS, "RowKey": "6"}),
    ("delete", {**KEYS, "RowKey": "7"}, {"etag": 'W/"x"', "match_condition": MatchConditions.IfNotModified}),
]


class Answer:
    """An answer of the service, as the SDK's pipeline reads it."""

    def __init__(self, status: int, body: bytes, content_type: str, reason: str = "") -> None:
        self.status_code, self.reason, self.content_type = status, reason, content_type
        self.headers = {"Content-Type": content_type}
        self._body = body

    def read(self) -> bytes:
        return self._body

    def text(self, _: str | None = None) -> str:
        return self._body.decode()

    body = read


class Sent(Exception):
    """The request was recorded and not sent."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    requests: list[Any] = []

    def send(_: RequestsTransport, request: Any, **_options: Any) -> None:
        requests.append(request)
        raise Sent

    monkeypatch.setattr(RequestsTransport, "send", send)
    return requests


def parts_of(request: Any) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    """Request line, headers and properties of each operation, without the type annotation of strings."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    body = request.content if isinstance(request.content, bytes) else request.body
    changesets: Any = email.parser.BytesParser().parsebytes(head + body).get_payload()
    [changeset] = changesets
    for part in changeset.get_payload():
        lines, _, content = part.get_payload(decode=True).partition(b"\r\n\r\n")
        line, *headers = lines.decode().split("\r\n")
        named = dict(header.split(": ", 1) for header in headers)
        properties = orjson.loads(content) if content.strip() else {}
        kept = {name: value for name, value in properties.items() if value != "Edm.String"}
        yield line, {name: named[name] for name in ("If-Match",) if name in named}, kept


def test_the_request_is_the_one_that_the_sdk_sends(sent: list[Any]) -> None:
    for kind in (TransactionClient, TableClient):
        with pytest.raises(Sent):
            kind.from_connection_string(ACCOUNT, "content").submit_transaction(OPERATIONS)
    app, sdk = sent
    assert list(parts_of(app)) == list(parts_of(sdk))
    assert len(list(parts_of(app))) == len(OPERATIONS)
    assert (app.method, app.url) == (sdk.method, sdk.url)
    assert app.headers["Authorization"].startswith("SharedKey shop:")


@given(st.text(min_size=1, max_size=40), st.text(max_size=200), st.floats(), st.integers(-(2**31), 2**31 - 1))
def test_the_request_is_the_sdks_for_any_keys_and_values(
    key: str, text: str, price: float, number: int
) -> None:
    entity = {"PartitionKey": key, "RowKey": key, "text": text, "price": price, "number": number}
    requests: list[Any] = []

    def send(_: RequestsTransport, request: Any, **_options: Any) -> None:
        requests.append(request)
        raise Sent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestsTransport, "send", send)
        for kind in (TransactionClient, TableClient):
            with pytest.raises(Sent):
                kind.from_connection_string(ACCOUNT, "content").submit_transaction([("upsert", entity)])
    app, sdk = requests
    assert list(parts_of(app)) == list(parts_of(sdk))


def test_a_type_that_tables_do_not_have_is_named() -> None:
    client = TransactionClient.from_connection_string(ACCOUNT, "content")
    with pytest.raises(TypeError, match="specs: the Table service has no type for dict"):
        client.submit_transaction([("create", {**KEYS, "specs": {}})])
    assert client.submit_transaction([]) == []


REFUSED = b"""--batchresponse_1\r
Content-Type: multipart/mixed; boundary=changesetresponse_1\r
\r
--changesetresponse_1\r
Content-Type: application/http\r
Content-Transfer-Encoding: binary\r
\r
HTTP/1.1 412 Precondition Failed\r
Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8\r
\r
{"odata.error":{"code":"UpdateConditionNotSatisfied","message":{"lang":"en","value":"3:The condition"}}}\r
--changesetresponse_1--\r
--batchresponse_1--\r
"""


@pytest.mark.parametrize(
    ("answer", "error", "status", "message"),
    [
        (Answer(202, REFUSED, "multipart/mixed"), TableTransactionError, 412, "3:The condition"),
        (Answer(202, b"--b\r\nHTTP/1.1 400 Bad Request\r\n\r\nno", "multipart/mixed"), TableTransactionError,
         400, "gives no reason"),
        (Answer(403, b"", "text/plain", "Forbidden"), ClientAuthenticationError, 403, "Forbidden"),
        (Answer(413, b"", "text/plain", "Too large"), HttpResponseError, 413, "Too large"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_operation_and_the_reason(
    answer: Answer, error: type[HttpResponseError], status: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TransactionClient.from_connection_string(ACCOUNT, "content")
    monkeypatch.setattr(client._client, "send_request", lambda *_, **__: answer)
    with pytest.raises(error, match=re.escape(message)) as refused:
        client.submit_transaction(OPERATIONS)
    assert refused.value.status_code == status
    if isinstance(refused.value, TableTransactionError):
        assert refused.value.index == (3 if status == 412 else 0)


@pytest.mark.parametrize(
    ("operations", "is_repeated"), [(OPERATIONS[1:4], True), (OPERATIONS[:4], False), (OPERATIONS[4:], False)]
)
def test_only_transactions_that_can_safely_be_repeated_are_retried(
    operations: list[Any], is_repeated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    client = TransactionClient.from_connection_string(ACCOUNT, "content")
    answer = Answer(202, b"HTTP/1.1 204 No Content\r\n", "multipart/mixed")
    monkeypatch.setattr(client._client, "send_request", lambda *_, **options: seen.update(options) or answer)
    client.submit_transaction(operations)
    assert ("POST" in seen.get("retry_on_methods", ())) is is_repeated
