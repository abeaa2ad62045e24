"""`make run` and `make serve`, as a new user runs them."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from local.local_settings import LocalSettings
from local.network import listens
from local.processes import ROOT
from tests.end_to_end.conftest import local_settings


def environment(settings: LocalSettings) -> dict[str, str]:
    variables = {
        f"LOCAL_{name.upper()}": str(value) for name, value in settings.model_dump(exclude_none=True).items()
    }
    return {**os.environ, **variables, "COLUMNS": "120"}


def command(what: str) -> list[str]:
    return [sys.executable, "-m", "local", what]


def run(settings: LocalSettings, what: str = "run") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(what), cwd=ROOT, env=environment(settings), capture_output=True, text=True, check=False
    )


@contextmanager
def serving(settings: LocalSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A `serve` that is ready. It is ended with the block, where the test has not ended it."""
    with subprocess.Popen(
        command("serve"), cwd=ROOT, env=environment(settings), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert b"Dashboard: " in process.stdout.readline()
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def ports(settings: LocalSettings) -> list[int]:
    return [settings.host_port, settings.emulator_port, *settings.storage]


def wait_until_quiet(settings: LocalSettings) -> None:
    for _ in range(200):
        if not any(map(listens, ports(settings))):
            return
        time.sleep(0.1)
    raise AssertionError("something still listens")


def jobs(settings: LocalSettings) -> int:
    with closing(sqlite3.connect(settings.data / "openai" / "emulator.sqlite3")) as database:
        return int(database.execute("select count(*) from batches").fetchone()[0])


def test_run_shows_what_it_stored_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    settings = local_settings(tmp_path)
    first = run(settings)
    assert first.returncode == 0, first.stdout + first.stderr
    for text in ("42 rows: 40 created", "electric-guitars", "259", "de-DE", "[emuliert]"):
        assert text in first.stdout
    assert jobs(settings) == 13
    wait_until_quiet(settings)
    second = run(settings)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "no job created" in second.stdout
    assert jobs(settings) == 13


def test_serve_ends_everything_on_ctrl_c(tmp_path: Path) -> None:
    settings = local_settings(tmp_path)
    with serving(settings) as process:
        assert all(map(listens, ports(settings)))
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    wait_until_quiet(settings)


def test_no_service_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    settings = local_settings(tmp_path)
    with serving(settings) as process:
        process.kill()
    wait_until_quiet(settings)


def test_servers_listen_on_loopback_only(tmp_path: Path) -> None:
    settings = local_settings(tmp_path)
    with serving(settings):
        expected = {f"{port:04X}" for port in ports(settings)}
        found = set()
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                address, port = line.split()[1].split(":")
                if port in expected and line.split()[3] == "0A":  # the state LISTEN
                    found.add((address, port))
        assert {port for _, port in found} == expected
        assert {address for address, _ in found} == {"0100007F"}


@pytest.mark.parametrize("name", ["host_port", "emulator_port", "blob_port", "queue_port", "table_port"])
def test_a_port_in_use_is_named_with_the_setting_that_changes_it(tmp_path: Path, name: str) -> None:
    settings = local_settings(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", getattr(settings, name)))
        taken.listen()
        refused = run(settings, "serve")
    assert refused.returncode == 2
    assert f"Port {getattr(settings, name)} on 127.0.0.1 cannot be used" in refused.stderr
    assert f"LOCAL_{name.upper()}=" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(shutil.which("func") is not None, reason="Core Tools are installed")
def test_func_is_requested_and_not_installed(tmp_path: Path) -> None:
    settings = local_settings(tmp_path)
    refused = subprocess.run(
        [*command("serve"), "--host", "func"],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Core Tools" in refused.stderr
    assert not (tmp_path / "azurite").exists()


def test_a_wrong_setting_of_the_app_stops_the_start_and_is_named(tmp_path: Path) -> None:
    settings = local_settings(tmp_path)
    refused = subprocess.run(
        command("serve"),
        cwd=ROOT,
        env={**environment(settings), "MAX_TOKENS": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "MAX_TOKENS" in refused.stderr
    wait_until_quiet(settings)
