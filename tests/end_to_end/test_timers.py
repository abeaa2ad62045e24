"""Nightly run, reconciler and clean-up, run by hand as an operator would."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Json, Machine, running_machine

ROWS = "sku,name,category\nN-1,One,Flutes\nN-2,Two,Flutes\nN-3,Three,Oboes\n"
received: list[Json] = []


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data = tmp_path_factory.mktemp("machine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTIFICATION_URL", f"http://127.0.0.1:{server.server_port}/")
        patch.setenv("NIGHTLY_CATEGORY_LIMIT", "1")
        with running_machine(data) as made:
            yield made
    server.shutdown()
    server.server_close()


def by_hand(machine: Machine, name: str) -> None:
    assert machine.request("POST", f"/admin/functions/{name}", json={}).status_code == 202


def runs(machine: Machine) -> list[Json]:
    return list(machine.request("GET", "/api/v1/runs").json()["runs"])


def wait_for_run(machine: Machine, count: int) -> Json:
    for _ in range(300):
        found = runs(machine)
        if len(found) == count and found[0]["status"] in ("completed", "failed"):
            return found[0]
        time.sleep(0.1)
    raise AssertionError(found)


def test_a_night_with_nothing_to_do_starts_nothing(machine: Machine) -> None:
    by_hand(machine, "nightly")
    time.sleep(1)
    assert runs(machine) == []
    assert "no product is pending" in machine.processes.log("host").read_text()


def test_the_nightly_run_takes_its_limit_and_firing_twice_is_one_run(
    machine: Machine, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text(ROWS, encoding="utf-8")
    assert machine.client.import_file(path)["created"] == 3
    by_hand(machine, "nightly")
    by_hand(machine, "nightly")
    run = wait_for_run(machine, 1)
    assert (run["trigger"], run["status"], run["product_count"]) == ("nightly", "completed", 2)
    assert len(machine.ledger()["jobs"]) == 2


def test_a_nightly_run_that_fails_is_told_once(machine: Machine) -> None:
    machine.faults({"on": "job", "effect": {"fail_at": 0.0, "code": "internal_error", "message": "broken"}})
    # Another minute, another run.
    time.sleep(max(0, 61 - time.time() % 60) if time.time() % 60 > 55 else 0)
    for _ in range(70):
        by_hand(machine, "nightly")
        if len(runs(machine)) == 2:
            break
        time.sleep(1)
    run = wait_for_run(machine, 2)
    assert run["status"] == "failed"
    for _ in range(50):
        if failures():
            break
        time.sleep(0.1)
    assert failures() == [run["run_id"]]
    time.sleep(1)
    assert failures() == [run["run_id"]]


def failures() -> list[str]:
    """The runs that were told of as failed. A slow machine may see the timer skip a run besides."""
    return [body["run_id"] for body in received if body["event"] == "nightly_run_failed"]


def test_the_clean_up_says_what_it_did(machine: Machine) -> None:
    by_hand(machine, "cleanup")
    for _ in range(50):
        if "clean-up: " in machine.processes.log("host").read_text():
            return
        time.sleep(0.1)
    raise AssertionError("the clean-up said nothing")
