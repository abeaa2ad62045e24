"""Webhook events: signatures, delivery, retries and faults."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import openai
import pytest

from local.openai_emulator import EmulatorConfig, ManualClock, RunningEmulator, running
from tests.unit.openai_emulator.client import client_of, finish, requests, submit

Delivery = tuple[dict[str, str], bytes]


class Receiver(HTTPServer):
    """Records events. Responds with the given `statuses` first, then with 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.deliveries: list[Delivery] = []
        self.statuses: list[int] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.deliveries.append((dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def openai_emulator_config(openai_emulator_config: EmulatorConfig, receiver: Receiver) -> EmulatorConfig:
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    return replace(openai_emulator_config, webhook_url=url)


def unwrap(emulator: RunningEmulator, delivery: Delivery) -> tuple[str, str]:
    """Type and batch id of an event, verified by the SDK."""
    headers, body = delivery
    event = client_of(emulator).webhooks.unwrap(body, headers, secret=emulator.config.webhook_secret)
    assert event.type in ("batch.completed", "batch.failed", "batch.cancelled", "batch.expired")
    return event.type, event.data.id


def test_events_of_all_final_states_verify(openai_emulator: RunningEmulator, receiver: Receiver) -> None:
    ids = [finish(openai_emulator, requests(1)).id, finish(openai_emulator, b"").id]
    openai_emulator.faults({"on": "job", "effect": {"expire_at": 0.5}})
    ids.append(finish(openai_emulator, requests(2)).id)
    ids.append(submit(openai_emulator, requests(1)).id)
    client_of(openai_emulator).batches.cancel(ids[-1])
    openai_emulator.advance(10)
    types = ["batch.completed", "batch.failed", "batch.expired", "batch.cancelled"]
    assert [unwrap(openai_emulator, each) for each in receiver.deliveries] == list(
        zip(types, ids, strict=True)
    )
    assert [each["status"] for each in openai_emulator.webhooks()] == [200] * 4


def test_late_and_duplicate_events(openai_emulator: RunningEmulator, receiver: Receiver) -> None:
    openai_emulator.faults({"on": "webhook", "effect": {"delay": 600, "copies": 2}})
    finish(openai_emulator, requests(1))
    openai_emulator.advance(599)
    assert receiver.deliveries == []
    openai_emulator.advance(1)
    first, second = receiver.deliveries
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert unwrap(openai_emulator, first) == unwrap(openai_emulator, second)


def test_missing_events(openai_emulator: RunningEmulator, receiver: Receiver) -> None:
    openai_emulator.faults({"on": "webhook", "match": {"type": "completed"}, "effect": {"copies": 0}})
    finish(openai_emulator, requests(1))
    openai_emulator.advance(86_400)
    assert receiver.deliveries == []


@pytest.mark.parametrize("effect", [{"forged": True}, {"dated": -301}])
def test_forged_or_stale_events_do_not_verify(
    openai_emulator: RunningEmulator, receiver: Receiver, effect: dict[str, object]
) -> None:
    openai_emulator.faults({"on": "webhook", "effect": effect})
    finish(openai_emulator, requests(1))
    [delivery] = receiver.deliveries
    with pytest.raises(openai.InvalidWebhookSignatureError):
        unwrap(openai_emulator, delivery)


def test_a_failed_delivery_is_tried_again(openai_emulator: RunningEmulator, receiver: Receiver) -> None:
    receiver.statuses = [503, 500]
    finish(openai_emulator, requests(1))
    assert [each["delivered_at"] for each in openai_emulator.webhooks()] == [None]
    openai_emulator.advance(5)
    openai_emulator.advance(9)
    assert len(receiver.deliveries) == 2
    openai_emulator.advance(1)
    assert len({headers["webhook-id"] for headers, _ in receiver.deliveries}) == 1
    [sent] = openai_emulator.webhooks()
    assert (sent["attempts"], sent["status"]) == (3, 200)


def test_an_undelivered_event_survives_a_restart(
    openai_emulator_config: EmulatorConfig, receiver: Receiver
) -> None:
    clock = ManualClock()
    with running(replace(openai_emulator_config, webhook_url="http://127.0.0.1:9/"), clock) as emulator:
        job = finish(emulator, requests(1))
    with running(openai_emulator_config, clock) as emulator:
        emulator.advance(5)
        assert [unwrap(emulator, each)[1] for each in receiver.deliveries] == [job.id]


def test_on_the_system_clock_events_are_delivered_automatically(
    openai_emulator_config: EmulatorConfig, receiver: Receiver
) -> None:
    arrived = threading.Event()
    record = receiver.deliveries.append

    class Recorder(list[Delivery]):
        def append(self, delivery: Delivery) -> None:
            record(delivery)
            arrived.set()

    receiver.deliveries = Recorder()
    config = replace(openai_emulator_config, job_seconds=0, pending_seconds=0)
    with running(config) as emulator:
        client = client_of(emulator)
        file = client.files.create(file=("in.jsonl", requests(1), "application/jsonl"), purpose="batch")
        while client.files.retrieve(file.id).status != "processed":
            pass
        client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
        assert arrived.wait(10)
