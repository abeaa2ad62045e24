import base64
import hmac
import time

import orjson
import pytest
from pydantic import SecretStr

from shared.config.settings import Settings
from shared.domain.errors import InvalidRequest, NotConfigured, Unauthorized
from shared.openai_batch.webhook_events import ended_job

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()


def test_without_a_secret_no_event_is_believed(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match="OPENAI_WEBHOOK_SECRET"):
        ended_job(settings, b"{}", {})


def event(job_id: object) -> bytes:
    return orjson.dumps({"type": "batch.completed", "data": {"id": job_id}})


def received(settings: Settings, body: bytes, at: str | None = None) -> str | None:
    """What is read from a body that is signed as Standard Webhooks says."""
    with_secret = settings.model_copy(update={"openai_webhook_secret": SecretStr(SECRET)})
    at = at or str(int(time.time()))
    signed = hmac.digest(
        base64.b64decode(SECRET.removeprefix("whsec_")), f"e.{at}.".encode() + body, "sha256"
    )
    headers = {"webhook-id": "e", "webhook-timestamp": at}
    headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return ended_job(with_secret, body, headers)


def test_a_signed_event_names_its_job(settings: Settings) -> None:
    assert received(settings, event("batch_6-a.b")) == "batch_6-a.b"
    unrelated: list[object] = [
        [],
        {},
        {"type": "batch.completed", "data": []},
        {"type": "response.completed"},
    ]
    for nothing in unrelated:
        assert received(settings, orjson.dumps(nothing)) is None
    assert received(settings, event(None)) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":"batch.completed","data":' + b'{"data":' * 60_000 + b"1" + b"}" * 60_001,
        b"[" * 100_000,
        b"{oops",
        *map(event, ("x" * 201, "", "a/b", "..", "a?b")),
    ],
)
def test_a_signed_event_that_cannot_be_read_is_a_wrong_request(settings: Settings, body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        received(settings, body)


@pytest.mark.parametrize("at", ["0", "-62135596800", "9" * 30, "1e400", "nan", "x", "9" * 5000])
def test_a_time_at_the_ends_of_the_calendar_is_no_signature(settings: Settings, at: str) -> None:
    with pytest.raises(Unauthorized):
        received(settings, event("batch_6"), at)
