"""The control endpoints and the journal."""

from typing import Any

import httpx2

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import call, finish, lines, requests

GA, PREVIEW = "2024-10-21", "2025-04-01-preview"


def test_the_control_endpoints(openai_emulator: RunningEmulator) -> None:
    def control(method: str, path: str, **options: Any) -> Any:
        answered = httpx2.request(method, f"{openai_emulator.url}/emulator/{path}", **options)
        assert answered.status_code == 200
        return answered.json()

    finish(openai_emulator, requests(2))
    ledger = control("GET", "ledger")
    assert ledger == openai_emulator.ledger()
    assert "products" not in control("GET", "ledger?products=false")
    rule = {"on": "files.list", "effect": {"status": 500}}
    [listed] = control("POST", "faults", json=[rule])["faults"]
    assert (listed["rule"]["on"], listed["seen"], listed["used"]) == ("files.list", 0, 0)
    assert call(openai_emulator, "GET", "/openai/v1/files").status_code == 500
    assert control("GET", "faults")["faults"][0]["used"] == 1
    assert control("DELETE", "faults") == control("GET", "faults") == {"faults": []}
    entries = control("GET", "journal?call=files.list")["entries"]
    assert [(entry["status"], entry["fault"]) for entry in entries] == [(500, {"status": 500})]
    assert control("GET", f"journal?after={entries[0]['seq']}")["entries"] == []
    now = control("GET", "clock")["now"]
    assert control("POST", "clock", json={"advance": 5}) == {"now": now + 5, "virtual": True}
    backwards = httpx2.post(f"{openai_emulator.url}/emulator/clock", json={"advance": -5})
    assert backwards.status_code == 409


def test_the_journal_has_every_call(openai_emulator: RunningEmulator) -> None:
    job = finish(openai_emulator, requests(1))
    lines(openai_emulator, job.output_file_id)
    call(openai_emulator, "GET", "/openai/v1/files", "wrong")
    assert [(entry["call"], entry["status"]) for entry in openai_emulator.journal()] == [
        ("files.create", 200),
        ("files.retrieve", 200),
        ("batches.create", 200),
        ("batches.retrieve", 200),
        ("files.content", 200),
        ("files.list", 401),
    ]
