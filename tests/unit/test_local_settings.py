"""The environment that the local runtime gives to the app."""

import json

import pytest

from local.local_settings import SECOND, LocalSettings
from shared.config.deployments import read_deployments

REAL = "https://shop.openai.azure.com"


def test_no_access_to_a_real_azure_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make run` costs nothing, whatever the user has set for Azure."""
    further = [{"name": "sweden", "endpoint": REAL, "deployment": "batch"}]
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", REAL)
    monkeypatch.setenv("MORE_DEPLOYMENTS", json.dumps(further))
    monkeypatch.setenv("MAX_TOKENS", "5000")
    environment = LocalSettings().app_environment()
    assert not [name for name, value in environment.items() if REAL in value]
    assert environment["MAX_TOKENS"] == "5000"


def test_a_second_resource_is_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_SECOND_EMULATOR_PORT", "7073")
    [second] = read_deployments(LocalSettings().app_environment()["MORE_DEPLOYMENTS"])
    assert (second.name, second.endpoint) == (SECOND, "http://127.0.0.1:7073")
