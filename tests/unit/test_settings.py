import json
import re
from pathlib import Path

import pytest

from shared.errors import SettingsError
from shared.settings import Settings, load_settings
from tests.conftest import SETTINGS, make_settings

ENVIRONMENT = {
    "AZURE_OPENAI_ENDPOINT": "https://shop.openai.azure.com/",
    "AZURE_OPENAI_DEPLOYMENT_NAME": "gpt-41-batch",
    "STORAGE_CONNECTION_STRING": "UseDevelopmentStorage=true",
    "API_KEYS": "one, two",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AzureWebJobsStorage", "LOCALES", "OPENAI_API_KEY", *ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_environment_is_read_and_lists_are_split(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LOCALES", "de-DE,en-GB,fr-FR")
    environment.setenv("LOCALES_PER_REQUEST", "2")
    environment.setenv("MAX_TOKENS", "7000")
    settings = load_settings()
    assert settings.azure_openai_endpoint == "https://shop.openai.azure.com"
    assert settings.api_keys == ("one", "two")
    assert settings.locale_groups == (("de-DE", "en-GB"), ("fr-FR",))


def test_the_storage_account_of_the_functions_host_is_the_default(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("STORAGE_CONNECTION_STRING")
    environment.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    assert load_settings().storage_connection_string.get_secret_value() == "UseDevelopmentStorage=true"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AZURE_OPENAI_ENDPOINT", None, "AZURE_OPENAI_ENDPOINT"),
        ("AZURE_OPENAI_ENDPOINT", "http://shop.openai.azure.com", "https://<resource>.openai.azure.com"),
        ("AZURE_OPENAI_ENDPOINT", "https://shop.openai.azure.com/openai/v1", "without /openai"),
        ("AZURE_OPENAI_DEPLOYMENT_NAME", "", "AZURE_OPENAI_DEPLOYMENT_NAME"),
        ("AZURE_OPENAI_API_VERSION", "latest", "AZURE_OPENAI_API_VERSION"),
        ("API_KEYS", "", "API_KEYS"),
        ("STORAGE_CONNECTION_STRING", "", "STORAGE_ACCOUNT_NAME"),
        ("LOCALES", "de-DE,xx-XX", "en-US, en-GB"),
        ("LOCALES", "de-DE,de-DE", "each once"),
        ("LOCALES_PER_REQUEST", "7", "100 object properties"),
        ("MAX_TOKENS", "many", "MAX_TOKENS"),
        ("COMPLETION_WINDOW", "48h", "COMPLETION_WINDOW"),
        ("POLL_MAX_SECONDS", "1", "POLL_MAX_SECONDS"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(
    environment: pytest.MonkeyPatch, name: str, value: str | None, said: str
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_an_error_shows_no_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_KEY", "sk-very-secret")
    environment.setenv("MAX_TOKENS", "0")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "sk-very-secret" not in str(error.value)
    assert "sk-very-secret" not in repr(make_settings(openai_api_key="sk-very-secret"))


def test_no_key_is_a_choice_that_must_be_made() -> None:
    assert make_settings(api_keys=(), allow_no_api_key=True).api_keys == ()
    assert SETTINGS["api_keys"]


def test_every_setting_is_in_the_example_and_in_the_docs() -> None:
    root = Path(__file__).parent.parent.parent
    ours = {name.upper() for name in Settings.model_fields} | {
        "RECONCILE_SCHEDULE",
        "NIGHTLY_SCHEDULE",
        "CLEANUP_SCHEDULE",
    }
    example = set(json.loads((root / "local.settings.json.example").read_text())["Values"])
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (root / "docs" / "settings.md").read_text(), re.MULTILINE)
    )
    assert example == ours | {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
    assert documented == ours


def test_empty_optional_settings_count_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STORAGE_ACCOUNT_NAME", "")
    environment.setenv("TEMPERATURE", "")
    environment.setenv("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME", "")
    settings = load_settings()
    assert settings.temperature == 0.7
    assert settings.azure_openai_online_deployment_name is None
