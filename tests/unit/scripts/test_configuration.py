"""The doctor's checks that need no network: settings, schedules, the settings file."""

import os
from pathlib import Path

import pytest

from scripts.checks import settings_check
from scripts.checks.check_result import State
from scripts.checks.settings_check import check_host_storage, check_schedules, check_settings
from scripts.settings_file import BadSettingsFile, load_file
from shared.config.settings import Settings
from tests.conftest import SETTINGS

EXAMPLE = Path(__file__).parent.parent.parent.parent / "local.settings.json.example"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with valid settings, and no other variables of the app."""
    for name in (*(field.upper() for field in Settings.model_fields), "AzureWebJobsStorage"):
        monkeypatch.delenv(name, raising=False)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name.upper(), ",".join(value) if isinstance(value, tuple) else str(value))
    for name, example in settings_check.SCHEDULES.items():
        monkeypatch.setenv(name, example)
    return monkeypatch


def problems() -> dict[str, str]:
    """What is wrong, by setting."""
    checks, _ = check_settings()
    findings = [check.said for check in checks if check.state is State.FAILED]
    return dict(text.split(": ", 1) for text in findings)


def test_a_setting_of_a_former_version_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRICE_INPUT_PER_MILLION", "1.25")
    assert "set MODEL_PRICES=" in problems()["PRICE_INPUT_PER_MILLION"]


@pytest.mark.usefixtures("environment")
def test_valid_settings_are_ok() -> None:
    checks, settings = check_settings()
    assert [check.state for check in checks] == [State.OK, State.OK]
    assert settings is not None


def test_every_wrong_setting_is_named_at_once_and_no_value_is_printed(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("AZURE_OPENAI_ENDPOINT", "ftp://secret")
    environment.setenv("MAX_TOKENS", "secret")
    environment.setenv("LOCALES", "secret")
    environment.delenv("API_KEYS")
    environment.delenv("STORAGE_CONNECTION_STRING")
    environment.setenv("POLL_INITIAL_SECONDS", "9")
    environment.setenv("POLL_MAX_SECONDS", "1")
    environment.setenv("NOTIFICATION_URL", "http://secret.example")
    environment.setenv("AZURE_OPENAI_DEPLOYMENT_NAME", "<secret>")
    found = problems()
    assert set(found) == {
        "AZURE_OPENAI_ENDPOINT",
        "MAX_TOKENS",
        "LOCALES",
        "API_KEYS",
        "STORAGE_CONNECTION_STRING",
        "POLL_MAX_SECONDS",
        "NOTIFICATION_URL",
        "AZURE_OPENAI_DEPLOYMENT_NAME",
    }
    assert not any("secret" in problem for problem in found.values())


def test_a_model_without_a_price_fails_and_names_the_setting(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AZURE_OPENAI_MODEL", "gpt-77")
    checks, settings = check_settings()
    assert settings is not None
    [failed] = [check for check in checks if check.state is State.FAILED]
    assert "gpt-77" in failed.said
    assert "MODEL_PRICES" in failed.remedy
    environment.setenv("MODEL_PRICES", "gpt-77=2/1/8")
    assert "2 input, 1 cached input, 8 output" in check_settings()[0][1].said


def test_the_example_is_refused_only_for_its_placeholders(environment: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        environment.delenv(name.upper())
    environment.setattr(os, "environ", dict(os.environ))
    load_file(EXAMPLE)
    for name, value in os.environ.items():
        environment.setenv(name, value)
    assert set(problems()) >= {"AZURE_OPENAI_DEPLOYMENT_NAME", "AZURE_OPENAI_ENDPOINT", "API_KEYS"}
    assert all(problem == "still holds a placeholder in < >" for problem in problems().values())


@pytest.mark.parametrize("text", ["", "0 3 * * *", "0 0 25 * * *", "* * * * * Funday", "0 0 0 30 2 *"])
def test_a_bad_schedule_is_named_with_an_example(environment: pytest.MonkeyPatch, text: str) -> None:
    environment.setenv("CLEANUP_SCHEDULE", text)
    failed = [check for check in check_schedules() if check.state is State.FAILED]
    assert [check.name for check in failed] == ["CLEANUP_SCHEDULE"]
    assert "0 30 3 * * *" in failed[0].remedy


def test_a_good_schedule_is_reported_with_its_next_time(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NIGHTLY_SCHEDULE", "0 0 2 * * Mon-Fri")
    assert [check.state for check in check_schedules()] == [State.OK] * 3
    assert "02:00:00 UTC" in check_schedules()[0].said


def test_the_host_needs_a_storage_account(environment: pytest.MonkeyPatch) -> None:
    assert check_host_storage().state is State.FAILED
    environment.setenv("AzureWebJobsStorage__accountName", "shop")
    assert check_host_storage().state is State.OK


def test_the_environment_takes_precedence_over_the_file(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text('{"Values": {"MAX_TOKENS": "5000", "API_KEYS": "other", "NEW_ONE": "x"}}')
    environment.setattr(os, "environ", {"API_KEYS": "mine"})
    assert load_file(file) == 2
    assert os.environ == {"API_KEYS": "mine", "MAX_TOKENS": "5000", "NEW_ONE": "x"}


@pytest.mark.parametrize("text", [None, "{", "[]", "{}", '{"IsEncrypted": true, "Values": {}}'])
def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "local.settings.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadSettingsFile, match=r"local\.settings\.json"):
        load_file(file)
