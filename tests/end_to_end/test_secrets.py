"""Keys, signed addresses and tokens are stored nowhere: not in logs, histories, tables, blobs or answers."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.azurite import ACCOUNT_KEY
from local.local_settings import API_KEY, READ_API_KEY
from tests.end_to_end.conftest import Machine, running_machine

SECRETS = [API_KEY, READ_API_KEY, "emulator-key", ACCOUNT_KEY, "sig=", "s3cret-notify"]
ROWS = "sku,name,category\n" + "".join(f"S-{n},Product {n},Zithers\n" for n in range(4))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    data = tmp_path_factory.mktemp("machine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTIFICATION_URL", "http://127.0.0.1:9/s3cret-notify")
        with running_machine(data) as made:
            yield made


def test_after_a_run_full_of_faults_no_secret_is_kept(machine: Machine) -> None:
    path = machine.settings.data / "catalogue.csv"
    path.write_text(ROWS, encoding="utf-8")
    machine.client.import_file(path)
    machine.faults(
        {"on": "files.create", "effect": {"status": 500}},
        {"on": "batches.create", "effect": {"drop": "after"}},
        {"on": "batches.retrieve", "effect": {"status": 429, "retry_after": 1}},
        {"on": "files.content", "effect": {"truncate": 0.5}},
        {"on": "request", "effect": {"status": 500}, "times": 3},
        {"on": "chat.completions", "effect": {"status": 401}, "times": None},
    )
    upload = machine.request("POST", "/api/v1/products/upload-url?format=csv").json()
    assert "sig=" in upload["upload_url"]
    assert machine.request("POST", "/api/v1/products/S-1/preview").status_code == 503
    assert machine.request("GET", "/api/v1/runs", key="wrong-key").status_code == 401
    answer = machine.run(2, ["Zithers"])
    assert answer["run"]["status"] == "completed"
    machine.faults({"on": "job", "effect": {"fail_at": 0.0, "code": "internal_error", "message": "broken"}})
    machine.request("POST", "/admin/functions/nightly", json={})
    log = machine.processes.log("host")
    for _ in range(300):
        if "was not delivered" in log.read_text():
            break
        time.sleep(0.1)
    assert "notification nightly_run_failed was not delivered: ConnectionError" in log.read_text()
    kept = [found for found in files(machine.settings.data) if found.stat().st_size]
    assert any("host.sqlite" in found.name for found in kept)
    assert any("azurite" in str(found) for found in kept)
    for found in kept:
        content = found.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} is in {found}"


def files(folder: Path) -> Iterator[Path]:
    """Everything that the app, its host, Azurite and the logs have written."""
    rooms = ("logs", "host", "azurite")
    return (path for room in rooms for path in (folder / room).rglob("*") if path.is_file())
