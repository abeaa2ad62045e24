"""The settings and roles that infra/ gives to the app: the app starts with them, and each one exists."""

import json
import os
import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.processes import ROOT
from scripts.azure_settings import KEYS, NoValues, app, read_settings
from scripts.checks.check_result import State
from scripts.checks.settings_check import check_host_storage, check_schedules, check_settings
from scripts.settings_file import load_file
from shared.config.settings import Settings
from tests.unit.infrastructure.bicep import INFRA, read

MAIN = read(INFRA / "main.bicep")
# Settings of the host and its worker. Sources: learn.microsoft.com, "App settings reference for Azure
# Functions" and "Use OpenTelemetry with Azure Functions".
HOST_SETTINGS = {
    "AzureWebJobsStorage__accountName",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY",
    "PYTHON_THREADPOOL_THREAD_COUNT",
    "NIGHTLY_SCHEDULE",
    "RECONCILE_SCHEDULE",
    "CLEANUP_SCHEDULE",
}
# Source: learn.microsoft.com, "Azure built-in roles".
ROLE_IDS = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Cognitive Services OpenAI Contributor": "a001fd3d-188f-4b5d-821b-7da978bf7442",
}


def deployed(capacity: int, online: int) -> dict[str, str]:
    """The settings that a deployment computes. An expression that is not known here fails the test."""
    values = {
        "storage.outputs.name": "stabc123",
        "openAi.outputs.endpoint": "https://oai-abc123.openai.azure.com/",
        "onlineCapacity == 0 ? '' : onlineDeployment": "online" if online else "",
        "onlineCapacity == 0 ? '' : onlineModel": _default("onlineModel") if online else "",
        "string(batchCapacity * 1000)": str(capacity * 1000),
        "string(min(batchCapacity * 450, 50000000))": str(min(capacity * 450, 50_000_000)),
    }
    computed = {
        name: values[expression] if expression in values else _literal(expression)
        for name, expression in MAIN.variable("appSettings").items()
    }
    chosen: dict[str, str] = json.loads((INFRA / "settings.json").read_text(encoding="utf-8"))
    return chosen | computed


def _literal(expression: str) -> str:
    """The value of a text, a variable that is one, or a parameter's default."""
    if quoted := re.fullmatch(r"'([^'$]*)'", expression):
        return quoted[1]
    if variable := re.search(rf"^var {expression} = '([^'$]*)'$", MAIN.code, re.MULTILINE):
        return variable[1]
    return _default(expression)


def _default(parameter: str) -> str:
    default = MAIN.parameters[parameter]
    assert default is not None
    return default.strip("'")


@pytest.fixture
def no_settings() -> Iterator[None]:
    """An environment without settings of the app. What a test loads into it is taken out again."""
    before = dict(os.environ)
    names = {*HOST_SETTINGS, "AzureWebJobsStorage", *(name.upper() for name in Settings.model_fields)}
    for name in names & set(before):
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.usefixtures("no_settings")
@pytest.mark.parametrize(("capacity", "online"), [(50, 0), (5000, 0), (5000, 10), (5_000_000, 10)])
def test_the_doctor_accepts_what_the_deployment_sets(tmp_path: Path, capacity: int, online: int) -> None:
    """From the outputs of `azd` to a settings file to the doctor's checks that need no network."""
    azd = {
        "APP_SETTINGS": json.dumps(deployed(capacity, online)),
        "API_KEYS": "k" * 32,
        "AZURE_ENV_NAME": "shop",
    }
    (tmp_path / "values.json").write_text(json.dumps(azd), encoding="utf-8")
    target = tmp_path / "dist" / "azure.settings.json"
    ran = CliRunner().invoke(app, [str(target), "--values", str(tmp_path / "values.json")])
    assert ran.exit_code == 0, ran.output
    assert "k" * 32 not in ran.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    load_file(target)
    checks, settings = check_settings()
    found = [*checks, check_host_storage(), *check_schedules()]
    assert settings is not None, found
    assert {check.state for check in found} == {State.OK}, found
    assert settings.storage_account_name == "stabc123"
    assert not settings.openai_api_key.get_secret_value()


@pytest.mark.usefixtures("no_settings")
def test_the_doctor_accepts_the_settings_of_the_page() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    command = page.partition("az functionapp config appsettings set ")[2].partition("\naz ")[0]
    for word in shlex.split(command.replace("\\\n", "")):
        name, sign, value = word.partition("=")
        if sign:
            os.environ[name] = re.sub(r"\$(\w+)", lambda variable: variable[1].lower(), value)
    checks, settings = check_settings()
    found = [*checks, check_host_storage(), *check_schedules()]
    assert settings is not None, found
    assert {check.state for check in found} == {State.OK}, found
    capacity = re.search(r"--sku-capacity (\d+)", page)
    assert capacity is not None
    assert settings.enqueued_token_limit == int(capacity[1]) * 1000
    assert settings.max_run_cost > 0


def test_every_setting_that_is_set_exists() -> None:
    fields = {name.upper() for name in Settings.model_fields}
    secret = read(INFRA / "modules/function-app.bicep").code
    secrets = set(re.findall(r"^      ([A-Z_]+): ", secret, re.MULTILINE))
    assert secrets == {*KEYS, "APPLICATIONINSIGHTS_CONNECTION_STRING"}
    assert set(deployed(50, 0)) | secrets <= fields | HOST_SETTINGS
    assert set(deployed(50, 0)) | secrets >= HOST_SETTINGS


def test_money_is_capped_by_default_and_the_first_nights_are_small() -> None:
    settings = deployed(5000, 0)
    assert 0 < float(settings["MAX_RUN_COST"]) <= float(settings["MAX_MONTH_COST"]) <= 1000
    assert int(settings["NIGHTLY_CATEGORY_LIMIT"]) > 0


@pytest.mark.parametrize(
    ("text", "why"),
    [("no json", "not JSON"), ("[]", "not a JSON object"), ('{"AZURE_ENV_NAME": "shop"}', "azd provision")],
)
def test_values_of_no_deployment_are_refused(text: str, why: str) -> None:
    with pytest.raises(NoValues, match=why):
        read_settings(text)


def test_without_azd_the_person_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = CliRunner().invoke(app, [str(tmp_path / "settings.json")])
    assert (ran.exit_code, ran.output) == (
        1, "azd is not installed. Install it, or give its output with --values.\n",
    )  # fmt: skip
    assert not (tmp_path / "settings.json").exists()


def test_the_roles_are_those_of_the_docs_and_no_others() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = page.partition("## The identity and its roles")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| ((?:Storage|Cognitive)[\w ]+) \|", section, re.MULTILINE))
    roles = read(INFRA / "modules/roles.bicep")
    assigned = roles.variable("storageRoles") | roles.variable("openAiRoles")
    assert set(assigned) == named
    by_resource = read(INFRA / "modules/transfer-role.bicep").variable("transferRoles")
    assert set(by_resource) == {"Storage Blob Data Contributor"}
    for role, identifier in (assigned | by_resource).items():
        assert identifier.strip("'") == ROLE_IDS[role], role
    elsewhere = [
        path.name for path in INFRA.rglob("*.bicep") if "roleAssignments@" in path.read_text(encoding="utf-8")
    ]
    assert sorted(elsewhere) == ["roles.bicep", "transfer-role.bicep"]


def test_the_threads_of_the_worker_fit_what_the_host_gives_it() -> None:
    """Each orchestrator and nearly each activity is a plain function: one that runs holds a thread."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))["extensions"]["durableTask"]
    at_once = host["maxConcurrentActivityFunctions"] + host["maxConcurrentOrchestratorFunctions"]
    example = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]
    for settings in (deployed(5000, 0), example):
        threads = int(settings["PYTHON_THREADPOOL_THREAD_COUNT"])
        assert at_once < threads < 2 * at_once  # HTTP functions need some; many idle ones cost memory


def test_one_trace_shows_a_run() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    tracing = host["extensions"]["durableTask"]["tracing"]
    assert tracing == {"distributedTracingEnabled": True, "version": "V2"}
    assert host["telemetryMode"] == "OpenTelemetry"
