"""The online fallback over HTTP: requests that fail in the batch are sent online, and the run completes."""

import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from shared.content.locales import LOCALES
from tests.end_to_end.conftest import Json, Machine, running_machine

CONCURRENT = 2
_numbers = count()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with pytest.MonkeyPatch.context() as environment:
        # One locale a request: a batch of two products has lines that can fail one by one.
        environment.setenv("LOCALES_PER_REQUEST", "1")
        environment.setenv("STRAGGLER_MAX_REQUESTS", "20")
        environment.setenv("WAIT_COST_PER_HOUR", "1000")
        environment.setenv("ONLINE_REQUESTS_PER_MINUTE", "600")
        environment.setenv("ONLINE_CONCURRENT_CALLS", str(CONCURRENT))
        environment.setenv("SUBMIT_LEASE_SECONDS", "10")
        with running_machine(tmp_path_factory.mktemp("machine")) as made:
            yield made


@pytest.fixture
def category(machine: Machine, import_text: Callable[[str], Json]) -> Iterator[str]:
    """Import two new products into a category of their own."""
    number = next(_numbers)
    rows = "".join(f"S-{number}-{each},Product {number} {each},Kind {number}\n" for each in "ab")
    assert import_text(f"sku,name,category\n{rows}")["created"] == 2
    yield f"kind-{number}"
    machine.no_faults()


def times_answered(machine: Machine, category: str) -> dict[str, int]:
    """Return how often each product and locale of a category was answered, by the emulator's ledger."""
    number = category.removeprefix("kind-")
    products = {name: by for name, by in machine.ledger()["products"].items() if f"Product {number} " in name}
    return {f"{name} {locale}": times for name, by in products.items() for locale, times in by.items()}


def test_lines_that_fail_in_the_batch_are_finished_online(machine: Machine, category: str) -> None:
    machine.faults(
        {"on": "request", "match": {"custom_id": "-3$"}, "times": 2, "effect": {"status": 500}},
        {"on": "request", "match": {"custom_id": "1-5$"}, "effect": {"broken_json": True}},
        {"on": "chat.completions", "effect": {"status": 429, "retry_after": 1}},
    )
    answer = machine.run(0, [category])
    run, (online, first) = answer["run"], sorted(answer["batches"], key=lambda each: each["request_count"])
    assert (run["status"], run["product_count"], run["request_count"]) == ("completed", 2, 17)
    assert (run["stragglers"]["requests"], run["stragglers"]["online"]) == (3, True)
    assert (first["counts"]["by_outcome"]["stored"], online["counts"]["by_outcome"]) == (11, {"stored": 3})
    record = machine.client.batch(online["batch_id"])
    assert (record["transfer"], record["deployment"], record["openai_job_id"]) == ("online", "online", None)
    assert record["cost"] <= record["cost_reserved"]
    assert machine.ledger()["requests"]["online"] == 3
    answered = times_answered(machine, category)
    # The request with broken JSON was answered and charged too.
    assert sorted(answered.values()) == [1] * 13 + [2]
    page = machine.request("GET", f"/api/v1/products?category={category}&status=completed").json()
    assert len(page["products"]) == 2


def test_a_host_killed_during_online_calls_pays_again_for_no_more_than_was_in_flight(
    machine: Machine, category: str
) -> None:
    machine.faults(
        {"on": "request", "match": {"custom_id": "-[1-4]$"}, "times": 8, "effect": {"status": 500}},
        {"on": "chat.completions", "times": 6, "effect": {"hang": 0.7}},
    )
    before = machine.ledger()["requests"]["online"]
    run_id = machine.client.pipeline(0, [category])["run_id"]
    for _ in range(600):
        if machine.ledger()["requests"]["online"] >= before + 3:
            break
        time.sleep(0.05)
    assert 3 <= machine.ledger()["requests"]["online"] - before < 8
    machine.kill_host()
    machine.start_host()
    answer = machine.client.follow_run(run_id, lambda _: None, interval=0.2)
    assert answer["run"]["status"] == "completed"
    assert answer["run"]["counts"]["by_outcome"] == {"stored": 14, "request_failed": 8}
    answered = times_answered(machine, category)
    assert len(answered) == 2 * len(LOCALES)
    assert 0 <= sum(answered.values()) - len(answered) <= CONCURRENT
