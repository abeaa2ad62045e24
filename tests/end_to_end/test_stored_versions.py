"""A store of the version before behind the HTTP API, and the commands for backup and restore."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from local import local_services
from local.processes import Processes
from shared.persistence.storage_account import StorageAccount
from shared.persistence.store_archive import read_archive
from tests.conftest import make_settings
from tests.end_to_end.conftest import Machine, local_settings
from tests.stored_store import archive_of

ROOT = Path(__file__).parent.parent.parent
CATEGORY = "electric-guitars"


def command(machine: Machine, name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"scripts.{name}", *words],
        check=False,
        cwd=ROOT,
        env={**os.environ, **machine.settings.app_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine whose store was written by the version before."""
    settings = local_settings(tmp_path_factory.mktemp("machine"))
    with Processes(settings.data / "logs") as processes:
        local_services.start_azurite(processes, settings)
        local_services.start_emulator(processes, settings)
        machine = Machine(settings, processes)
        # Before the app starts: its timers write a row as soon as they have run.
        done = command(machine, "restore", str(archive_of(1)))
        assert (done.returncode, done.stderr) == (0, "")
        assert "The difference to the backup is nothing." in done.stdout
        machine.start_host()
        yield machine


def account_of(machine: Machine) -> StorageAccount:
    storage = machine.settings.app_environment()["AzureWebJobsStorage"]
    return StorageAccount(make_settings(storage_connection_string=storage))


def ok(machine: Machine, path: str) -> dict[str, Any]:
    response = machine.request("GET", path)
    assert response.status_code == 200, response.text
    return dict(response.json())


def export(machine: Machine) -> dict[str, dict[str, Any]]:
    started = machine.request("POST", "/api/v1/exports", json={})
    assert started.status_code == 202, started.text
    path = started.json()["location"]
    found = _wait(machine, path)
    lines: list[dict[str, Any]] = []
    for file in found["files"]:
        with urlopen(file["url"]) as answer:  # noqa: S310 - the address that the app signed
            lines += map(json.loads, answer)
    return {line["product_id"]: line for line in lines}


def _wait(machine: Machine, path: str) -> dict[str, Any]:
    for _ in range(200):
        found = ok(machine, path)
        if found["export"]["status"] != "running":
            return found
        time.sleep(0.1)
    raise AssertionError("the export does not end")


def test_a_store_of_the_version_before_is_read_run_and_exported(upgraded: Machine) -> None:
    assert len(ok(upgraded, f"/api/v1/products?category={CATEGORY}&content=true")["products"]) == 4
    before = export(upgraded)
    assert len(before) == 3
    # The run was preparing when the backup was made; its batch has been created and is submitted by hand.
    [waiting] = ok(upgraded, "/api/v1/batch/list?status=created")["batches"]
    assert upgraded.request("POST", f"/api/v1/batch/submit/{waiting['batch_id']}").status_code == 202
    run = upgraded.run(0, [CATEGORY])
    assert run["run"]["status"] == "completed"
    after = export(upgraded)
    served = after["VSK-2200-BK"]["content"]["ai_generated_content"]
    assert all(served.values())
    for locale in ("en-GB", "de-DE"):
        assert served[locale] == before["VSK-2200-BK"]["content"]["ai_generated_content"][locale]


def test_backup_wipe_restore_and_the_difference_is_nothing(upgraded: Machine, tmp_path: Path) -> None:
    file = tmp_path / "store.tar.gz"
    done = command(upgraded, "backup", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert "10 tables" in done.stderr
    again = command(upgraded, "backup", str(file))
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    # Into the same names it is refused; another prefix and container are an empty account.
    refused = command(upgraded, "restore", str(file))
    assert (refused.returncode, "The account is not empty" in refused.stderr) == (2, True)
    elsewhere = {"TABLE_PREFIX": "restored", "BLOB_CONTAINER": "restored"}
    restored = command(upgraded, "restore", str(file), **elsewhere)
    assert (restored.returncode, restored.stderr) == (0, "")
    second = tmp_path / "again.tar.gz"
    assert command(upgraded, "backup", str(second), **elsewhere).returncode == 0
    assert members(second) == members(file)


def members(file: Path) -> dict[str, bytes]:
    """The rows and blobs of a backup."""
    with file.open("rb") as source, read_archive(source) as contents:
        found = {name: content.read() for name, content in contents}
    found.pop("backup.json")
    return found


def test_bad_rows_cost_one_line_over_http(upgraded: Machine) -> None:
    account = account_of(upgraded)
    content, products = account.table("content"), account.table("products")
    text = {"PartitionKey": "VSK-2200-BK", "RowKey": "published~de-DE", "content": '{"basic_info": 7}'}
    content.upsert(text, "merge")
    products.upsert({"PartitionKey": CATEGORY, "RowKey": "VSK-1010-TL", "images": "["}, "merge")
    [batch, *_] = ok(upgraded, "/api/v1/batch/list")["batches"]
    account.table("batches").upsert(
        {"PartitionKey": "batch", "RowKey": batch["batch_id"], "status": "lost"}, "merge"
    )

    found = ok(upgraded, "/api/v1/products/VSK-2200-BK")
    assert found["unreadable"] == ["de-DE"]
    assert found["content"]["ai_generated_content"]["en-GB"]
    # The locale that was asked for cannot be read, so another one comes, and the reason with it.
    other = ok(upgraded, "/api/v1/products/VSK-2200-BK?locale=de-DE")
    assert (other["locale"] != "de-DE", other["unreadable"]) == (True, ["de-DE"])
    assert ok(upgraded, "/api/v1/products/VSK-2200-BK/quality")["unreadable"] == ["de-DE"]
    assert ok(upgraded, "/api/v1/products/VSK-2200-BK/tries")["tries"]
    page = ok(upgraded, f"/api/v1/products?category={CATEGORY}&content=true")
    assert [each["id"] for each in page["unreadable"]] == ["VSK-1010-TL"]
    assert [each["unreadable"] for each in page["products"]] == [[], ["de-DE"], []]
    batches = ok(upgraded, "/api/v1/batch/list")
    assert [each["id"] for each in batches["unreadable"]] == [batch["batch_id"]]
    assert ok(upgraded, "/api/v1/dashboard/overview")
    assert ok(upgraded, "/api/v1/runs")["unreadable"] == []
    for path in ("products/VSK-1010-TL", f"batch/status/{batch['batch_id']}"):
        refused = upgraded.request("GET", f"/api/v1/{path}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unreadable_row"), path
    lines = export(upgraded)
    assert lines["VSK-1010-TL"]["error"]["code"] == "unreadable_row"
    assert lines["VSK-2200-BK"]["unreadable"] == ["de-DE"]
    assert lines["VSK-1010-CR"]["content"]
