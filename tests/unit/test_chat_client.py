"""The chat client: which error each response of Azure and each broken connection becomes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.network import free_ports
from local.openai_emulator import Effect, Rule, RunningEmulator
from local.openai_emulator.pytest_fixtures import openai_emulator, openai_emulator_config
from shared.openai_batch.chat_client import AnswerLost, ChatClient, ChatError, NotAnswered, RequestRefused
from tests.conftest import make_settings
from tests.http_servers import QuietHandler, serving
from tests.unit.openai_emulator.client import BATCH, ONLINE, request

__all__ = ["openai_emulator", "openai_emulator_config"]

CHAT: Any = "chat.completions"
BODY = request(1, model=ONLINE)["body"]


def client(url: str, max_retries: int = 0, timeout_seconds: float = 30.0) -> ChatClient:
    settings = make_settings(azure_openai_endpoint=url)
    return ChatClient(settings, timeout_seconds=timeout_seconds, max_retries=max_retries)


def error_of(call: Callable[[], object]) -> ChatError:
    with pytest.raises(ChatError) as caught:
        call()
    return caught.value


def test_a_completion_is_returned_as_azure_sent_it(openai_emulator: RunningEmulator) -> None:
    completion = client(openai_emulator.url).complete(BODY)
    assert completion.status == 200
    assert completion.request_id
    assert completion.body["choices"][0]["finish_reason"] == "stop"
    assert completion.body["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize(
    ("effect", "kind", "status", "code", "retry_after"),
    [
        ({"prompt_filter": True}, RequestRefused, 400, "content_filter", None),
        ({"status": 400, "code": "bad"}, RequestRefused, 400, "bad", None),
        ({"status": 413, "code": "large"}, RequestRefused, 413, "large", None),
        ({"status": 422, "code": "odd"}, RequestRefused, 422, "odd", None),
        ({"status": 400, "code": "OperationNotSupported"}, NotAnswered, 400, "OperationNotSupported", None),
        ({"status": 401, "code": "401"}, NotAnswered, 401, "401", None),
        ({"status": 429, "code": "429", "retry_after": 7}, NotAnswered, 429, "429", 7),
        ({"status": 503, "code": "busy"}, NotAnswered, 503, "busy", None),
        ({"drop": "before"}, AnswerLost, None, "", None),
        ({"drop": "after"}, AnswerLost, None, "", None),
    ],
)
def test_each_failure_becomes_the_error_that_tells_what_may_be_done_next(
    openai_emulator: RunningEmulator,
    effect: dict[str, Any],
    kind: type[ChatError],
    status: int | None,
    code: str,
    retry_after: int | None,
) -> None:
    openai_emulator.faults(Rule(on=CHAT, effect=Effect.model_validate(effect)))
    error = error_of(lambda: client(openai_emulator.url).complete(BODY))
    assert (type(error), error.status, error.code) == (kind, status, code)
    assert getattr(error, "retry_after", None) == retry_after
    assert ("may have been charged" in str(error)) == (kind is AnswerLost)
    assert len(openai_emulator.journal(CHAT)) == 1


def test_a_refusal_keeps_the_error_object_and_the_id_of_the_call(openai_emulator: RunningEmulator) -> None:
    effect = Effect(status=400, code="bad", message="No.")
    openai_emulator.faults(Rule(on=CHAT, effect=effect))
    refusal = error_of(lambda: client(openai_emulator.url).complete(BODY))
    assert isinstance(refusal, RequestRefused)
    assert str(refusal) == "HTTP 400 bad: No."
    assert (refusal.body["code"], refusal.body["message"]) == ("bad", "No.")
    assert refusal.request_id


def test_a_batch_deployment_carries_no_online_call_out(
    openai_emulator: RunningEmulator,
) -> None:
    error = error_of(lambda: client(openai_emulator.url).complete({**BODY, "model": BATCH}))
    assert isinstance(error, NotAnswered)
    assert openai_emulator.ledger()["requests"]["online"] == 0


@pytest.mark.parametrize(("max_retries", "calls"), [(0, 1), (1, 2)])
def test_the_sdk_repeats_a_call_as_often_as_the_constructor_says(
    openai_emulator: RunningEmulator, max_retries: int, calls: int
) -> None:
    openai_emulator.faults(Rule(on=CHAT, effect=Effect(status=500), times=None))
    error = error_of(lambda: client(openai_emulator.url, max_retries=max_retries).complete(BODY))
    assert (type(error), error.status) == (NotAnswered, 500)
    assert len(openai_emulator.journal(CHAT)) == calls


def test_a_call_that_cannot_connect_was_not_carried_out() -> None:
    [port] = free_ports(1)
    error = error_of(lambda: client(f"http://127.0.0.1:{port}").complete(BODY))
    assert (type(error), error.status, str(error)) == (NotAnswered, None, "Azure OpenAI cannot be reached")


class _Page(QuietHandler):
    """A gateway that answers 200 with a page of its own."""

    def do_POST(self) -> None:  # noqa: N802 - a name that the standard library needs
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>We will be back soon.</html>")


@pytest.fixture
def gateway() -> Iterator[str]:
    with serving(_Page) as url:
        yield url


def test_an_answer_that_is_not_json_may_have_been_charged(gateway: str) -> None:
    error = error_of(lambda: client(gateway).complete(BODY))
    assert (type(error), str(error)) == (AnswerLost, "the answer is not JSON; the call may have been charged")


def test_a_call_that_times_out_may_have_been_charged(
    openai_emulator: RunningEmulator,
) -> None:
    openai_emulator.faults(Rule(on=CHAT, effect=Effect(hang=1.0)))
    error = error_of(lambda: client(openai_emulator.url, timeout_seconds=0.3).complete(BODY))
    assert isinstance(error, AnswerLost)
