import json
import re
from pathlib import Path

import pytest

from shared.config.settings import Settings
from shared.config.settings_loader import load_settings
from shared.domain.errors import SettingsError
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
    environment.setenv("MAX_TOKENS", "8000")
    settings = load_settings()
    assert settings.azure_openai_endpoint == "https://shop.openai.azure.com"
    assert settings.api_keys == ("one", "two")
    assert settings.locale_groups == (("de-DE", "en-GB"), ("fr-FR",))


def test_a_shop_maps_its_categories_by_name_or_slug(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CATEGORY_FAMILIES", "Tasten & Orgeln=piano, licht=other")
    assert load_settings().category_families == {"tasten-orgeln": "piano", "licht": "other"}


def test_the_storage_account_of_the_functions_host_is_the_default(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("STORAGE_CONNECTION_STRING")
    environment.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")
    assert load_settings().storage_connection_string.get_secret_value() == "UseDevelopmentStorage=true"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AZURE_OPENAI_ENDPOINT", None, "AZURE_OPENAI_ENDPOINT"),
        ("AZURE_OPENAI_ENDPOINT", "http://shop.openai.azure.com", "https://<resource>.openai.azure.com"),
        ("AZURE_OPENAI_ENDPOINT", "https://shop.openai.azure.com/openai/v1", "without /openai"),
        ("AZURE_OPENAI_ENDPOINT", "http://localhost.evil.example", "https://<resource>.openai.azure.com"),
        ("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1@evil.example", "https://<resource>.openai.azure.com"),
        ("AZURE_OPENAI_ENDPOINT", r"http://localhost\.evil.example", "https://<resource>.openai.azure.com"),
        (
            "AZURE_OPENAI_ENDPOINT",
            "https://shop.openai.azure.com@evil.example",
            "https://<resource>.openai.azure.com",
        ),
        ("AZURE_OPENAI_ENDPOINT", "https://", "https://<resource>.openai.azure.com"),
        ("AZURE_OPENAI_DEPLOYMENT_NAME", "", "AZURE_OPENAI_DEPLOYMENT_NAME"),
        ("AZURE_OPENAI_API_VERSION", "latest", "AZURE_OPENAI_API_VERSION"),
        ("API_KEYS", "", "API_KEYS"),
        ("STORAGE_CONNECTION_STRING", "", "STORAGE_ACCOUNT_NAME"),
        ("LOCALES", "de-DE,xx-XX", "en-US, en-GB"),
        ("LOCALES", "de-DE,de-DE", "each once"),
        ("LOCALES_PER_REQUEST", "7", "MAX_TOKENS: must be at least"),
        ("LOCALES_PER_REQUEST", "8", "LOCALES_PER_REQUEST"),
        ("THIN_RECORDS", "skip", "THIN_RECORDS"),
        ("MAX_TOKENS", "many", "MAX_TOKENS"),
        ("COMPLETION_WINDOW", "48h", "COMPLETION_WINDOW"),
        ("POLL_MAX_SECONDS", "1", "POLL_MAX_SECONDS"),
        ("TRANSFER_MODE", "post", "TRANSFER_MODE"),
        ("TRANSFER_MODE", "online", "must be files or blob"),
        ("STRAGGLER_MAX_REQUESTS", "20", "AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME: must name an online"),
        ("STRAGGLER_MAX_REQUESTS", "1001", "STRAGGLER_MAX_REQUESTS"),
        ("ONLINE_REQUESTS_PER_MINUTE", "0", "ONLINE_REQUESTS_PER_MINUTE"),
        ("MAX_BYTES_PER_FILE", "200000001", "TRANSFER_MODE=blob"),
        ("MODEL_PRICES", "gpt-4.1=cheap", "MODEL_PRICES"),
        ("CATEGORY_FAMILIES", "Tasten=pianos", "'pianos' is no family; the families are electric_guitar,"),
        ("CATEGORY_FAMILIES", "Tasten", "'Tasten' must be a pair"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(
    environment: pytest.MonkeyPatch, name: str, value: str | None, expected: str
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SettingsError, match=expected):
        load_settings()


@pytest.mark.parametrize("name", ["PRICE_INPUT_PER_MILLION", "PRICE_OUTPUT_PER_MILLION"])
def test_a_setting_of_a_former_version_is_not_ignored(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "")
    load_settings()
    environment.setenv(name, "1.25")
    environment.setenv("MAX_TOKENS", "many")
    with pytest.raises(SettingsError, match=f"{name}: is no longer used: .* set MODEL_PRICES=") as error:
        load_settings()
    assert "MAX_TOKENS: " in str(error.value)
    assert "1.25" not in str(error.value)


def test_everything_that_is_wrong_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    """Invalid settings and broken rules between settings. A rule about an invalid setting is not checked."""
    for name, value in {
        "MAX_TOKENS": "many",
        "API_KEYS": "",
        "POLL_MAX_SECONDS": "1",
        "LOCALES_PER_REQUEST": "8",
        "ENQUEUED_TOKEN_LIMIT": "20000",
        "MAX_TOKENS_PER_FILE": "few",
        "AFFILIATE_IDS": "nowhere=1",
        "NOTIFICATION_URL": "http://shop.example",
        "AZURE_OPENAI_MODEL": "gpt-77",
        "MAX_RUN_COST": "5",
    }.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    lines = [line.split(":")[0].strip() for line in str(error.value).splitlines() if line.startswith("  ")]
    assert sorted(lines) == [
        "AFFILIATE_IDS",
        "API_KEYS",
        "LOCALES_PER_REQUEST",
        "MAX_TOKENS",
        "MAX_TOKENS_PER_FILE",
        "MODEL_PRICES",
        "NOTIFICATION_URL",
        "POLL_MAX_SECONDS",
    ]
    assert "95 % of ENQUEUED_TOKEN_LIMIT" not in str(error.value)


def test_online_calls_cannot_be_switched_on_without_prices(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STRAGGLER_MAX_REQUESTS", "20")
    environment.setenv("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME", "online")
    environment.setenv("AZURE_OPENAI_MODEL", "gpt-4.1")
    assert load_settings().straggler_max_requests == 20
    environment.setenv("AZURE_OPENAI_ONLINE_MODEL", "gpt-77")
    with pytest.raises(
        SettingsError, match="that STRAGGLER_MAX_REQUESTS compares: no price is known for the model gpt-77"
    ):
        load_settings()


def test_prices_are_those_of_the_table_and_of_the_model_that_answered() -> None:
    settings = make_settings(azure_openai_model=None, model_prices="gpt-41-batch=2/0.5/8, mini = 1/1/1")
    assert settings.cost_of(1_000_000, 1_000_000) == 10
    assert settings.cost_of(1_000_000, 0, cached_tokens=400_000) == pytest.approx(1.2 + 0.2)
    assert settings.cost_of(1_000_000, 1_000_000, model="mini-2026-01-31") == 2
    assert settings.cost_of(1_000_000, 1_000_000, model="gpt-4.1-mini-2025-04-14") == pytest.approx(1.0)
    assert settings.cost_of(1_000_000, 1_000_000, model="unheard of") == 10


def test_a_model_without_a_known_price_costs_0_and_cannot_be_capped() -> None:
    settings = make_settings(azure_openai_model="gpt-77")
    assert settings.cost_of(1_000_000, 1_000_000) == 0
    assert "MODEL_PRICES=gpt-77=" in (settings.price_note or "")
    with pytest.raises(ValueError, match="MODEL_PRICES"):
        make_settings(azure_openai_model="gpt-77", max_month_cost=1)


@pytest.mark.parametrize(
    "text", ["gpt-4.1", "gpt-4.1=1/2", "gpt-4.1=1/1/free", "=1/1/1", "x=1/1/-4", "x=1/nan/1"]
)
def test_prices_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="input/cached input/output"):
        make_settings(model_prices=text)


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
    fields = {name.upper() for name in Settings.model_fields} | {
        "RECONCILE_SCHEDULE",
        "NIGHTLY_SCHEDULE",
        "CLEANUP_SCHEDULE",
        "PYTHON_THREADPOOL_THREAD_COUNT",
    }
    example = set(json.loads((root / "local.settings.json.example").read_text())["Values"])
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (root / "docs" / "settings.md").read_text(), re.MULTILINE)
    )
    assert example == fields | {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
    assert documented == fields


def test_empty_optional_settings_count_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STORAGE_ACCOUNT_NAME", "")
    environment.setenv("TEMPERATURE", "")
    environment.setenv("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME", "")
    settings = load_settings()
    assert settings.temperature == 0.7
    assert settings.azure_openai_online_deployment_name is None
