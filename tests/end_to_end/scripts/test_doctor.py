"""`doctor.py`: a good configuration passes every check; each kind of mistake fails the check of its name."""

import json
from collections.abc import Callable
from string import Template

import pytest
import requests
from typer.testing import CliRunner

from local.network import free_ports
from scripts.doctor import app
from tests.end_to_end.conftest import Json, Machine
from tests.end_to_end.scripts.misconfigurations import BROKEN, Broken, further
from tests.end_to_end.scripts.shell import DOCTOR, Shell

WITHOUT_NETWORK = (
    "settings", "price", "host storage", "NIGHTLY_SCHEDULE", "RECONCILE_SCHEDULE", "CLEANUP_SCHEDULE",
)  # fmt: skip
WITH_NETWORK = (
    "blob storage", "table storage", "endpoint and key", "batch deployment", "online deployment",
)  # fmt: skip
SECRETS = ("emulator-key", "wrong-key", "MDEy")

Doctor = Callable[..., dict[str, Json]]


@pytest.fixture
def doctor(machine: Machine, shell: Shell) -> Doctor:
    """Runs the doctor in this process on the machine's configuration. Returns its checks by name."""
    # An empty file, so that a local.settings.json of the person who runs the tests is not read.
    no_settings = shell.folder / "none.json"
    no_settings.write_text('{"Values": {}}', encoding="utf-8")

    def run(changes: dict[str, str], *words: str) -> dict[str, Json]:
        environment = machine.settings.app_environment()
        values = {
            "closed": str(free_ports(1)[0]),
            "emulator": str(machine.settings.emulator_port),
            "storage": environment["AzureWebJobsStorage"],
            **machine.settings.storage._asdict(),
        }
        environment |= {name: Template(text).substitute(values) for name, text in changes.items()}
        words = ("--json", "--settings-file", str(no_settings), *words)
        ran = CliRunner().invoke(app, words, env=environment)
        assert not [secret for secret in SECRETS if secret in ran.output]
        checks = {check["name"]: check for check in json.loads(ran.stdout)}
        states = {check["state"] for check in checks.values()}
        assert ran.exit_code == (1 if "failed" in states else 0), ran.output
        assert leftovers(machine) == []
        return checks

    return run


def leftovers(machine: Machine) -> list[str]:
    """Jobs and files of the doctor's that are still at the emulator."""
    open_jobs = [
        job["id"]
        for job in machine.ledger()["jobs"]
        if "doctor" in str((job["metadata"], job["input_blob"]))
        and job["status"] not in ("completed", "failed", "cancelled")
    ]
    url = f"http://127.0.0.1:{machine.settings.emulator_port}/openai/v1/files"
    files = requests.get(url, headers={"api-key": "emulator-key"}, timeout=30).json()["data"]
    return open_jobs + [file["filename"] for file in files if file["filename"].startswith("doctor-")]


def states(checks: dict[str, Json]) -> dict[str, str]:
    return {name: check["state"] for name, check in checks.items()}


@pytest.mark.parametrize("transfer_mode", ["files", "blob"])
def test_a_good_configuration_passes_every_check(
    machine: Machine, doctor: Doctor, transfer_mode: str
) -> None:
    before = len(machine.ledger()["jobs"])
    two = {"TRANSFER_MODE": transfer_mode, "MORE_DEPLOYMENTS": further("$emulator", "gpt-41-batch")}
    names = (*WITHOUT_NETWORK, *WITH_NETWORK, "endpoint and key of other", "batch deployment of other")
    assert states(doctor(two)) == dict.fromkeys(names, "ok")
    assert len(machine.ledger()["jobs"]) == before + 2, "one job for each batch deployment"


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_fails_the_check_of_its_name_with_a_remedy(doctor: Doctor, broken: Broken) -> None:
    checks = doctor(broken.changes)
    names: tuple[str, ...] = (*WITHOUT_NETWORK, *WITH_NETWORK)
    if "MORE_DEPLOYMENTS" in broken.changes:
        names = (*names, "endpoint and key of other", "batch deployment of other")
    assert states(checks) == {
        **dict.fromkeys(names, "ok"),
        **dict.fromkeys(broken.failed, "failed"),
        **dict.fromkeys(broken.skipped, "skipped"),
        **dict.fromkeys(broken.not_set, "not set"),
    }
    for name, words in broken.failed.items():
        assert words in checks[name]["remedy"], checks[name]


@pytest.mark.parametrize(
    ("name", "value"), [("MAX_TOKENS", "many"), ("AZURE_OPENAI_DEPLOYMENT_NAME", "<deployment>")]
)
def test_a_wrong_setting_is_named_and_nothing_is_sent(doctor: Doctor, name: str, value: str) -> None:
    checks = doctor({name: value})
    # No price without settings: the model is one of them.
    assert states(checks) == {
        **dict.fromkeys(set(WITHOUT_NETWORK) - {"price"}, "ok"),
        **dict.fromkeys(WITH_NETWORK, "skipped"),
        "settings": "failed",
    }
    assert checks["settings"]["said"].startswith(f"{name}: ")


def test_offline_nothing_is_sent(doctor: Doctor) -> None:
    checks = doctor({"AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:$closed"}, "--offline")
    assert states(checks) == {
        **dict.fromkeys(WITHOUT_NETWORK, "ok"),
        **dict.fromkeys(WITH_NETWORK, "skipped"),
    }


def test_a_person_reads_a_line_for_each_check_and_the_remedy_below_it(shell: Shell) -> None:
    environment = {**shell.machine.settings.app_environment(), "NIGHTLY_SCHEDULE": "0 0 25 * * *"}
    ran = shell.run("--offline", "--settings-file", "none.json", script=DOCTOR, **environment)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (1, "")
    [place] = [number for number, line in enumerate(lines) if line.startswith("failed")]
    assert lines[place].split()[1] == "NIGHTLY_SCHEDULE:"
    assert lines[place + 1].startswith("        → Set NIGHTLY_SCHEDULE to six fields")
    assert [line.split()[0] for line in lines if not line.startswith(("failed", " "))] == (
        ["ok"] * (len(WITHOUT_NETWORK) - 1) + ["skipped"] * len(WITH_NETWORK)
    )
