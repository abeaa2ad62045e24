"""Calls that end with exit code 2 or 3: the caller's mistakes, and a service out of reach."""

import pytest
from typer.testing import CliRunner

from local.local_settings import API_KEY, READ_API_KEY
from local.network import free_ports
from scripts.run_batch_processing import app
from tests.end_to_end.scripts.shell import CATEGORIES, PREVIEWS, Shell


@pytest.mark.parametrize(
    "calls",
    [
        {
            ("--action", "dance"): "is not one of",
            ("--action", "pipeline", "--batch-id", "x"): "--batch-id does not go with --action pipeline",
            ("--action", "status", "--batch-id", "nope"): "--action list shows the batches",
            ("--action", "status", "--run-id", "../x", "--watch"): "--action list --runs shows the runs",
            ("--action", "status", "--import-id", "nope"): "There is no import 'nope'",
            ("--action", "file", "--batch-id", "nope"): "There is no batch 'nope'",
            ("--action", "cancel", "--batch-id", "nope"): "There is no batch 'nope'",
            ("--action", "process", "--batch-id", "nope"): "There is no batch 'nope'",
        },
        {
            ("--action", "pipeline", "--category-limit", "-1"): "from 0 to 1000000",
            ("--action", "create", "--category", "Violas"): "Known: ",
            ("--action", "create", "--locale", "xx-XX"): "en-GB",
            ("--action", "test", "--category-limit", "51"): "from 1 to 50",
            ("--action", "list", "--limit", "0"): "from 1 to 500",
            ("--action", "list", "--status", "lost"): "in_progress",
            ("--action", "list", "--base-url", "localhost"): "such as http://",
            ("--action", "list", "--api-key", "wrong"): "Give one of the app's API_KEYS",
        },
    ],
    ids=["unknown", "refused"],
)
def test_a_mistake_of_the_caller_is_exit_code_2_with_a_remedy(
    shell: Shell, calls: dict[tuple[str, ...], str]
) -> None:
    # In this process, over the same HTTP: a process for each call would spend a minute on imports.
    environment = {"BASE_URL": shell.machine.settings.base_url, "API_KEY": API_KEY}
    for words, message in calls.items():
        ran = CliRunner().invoke(app, words, env=environment)
        assert (ran.exit_code, ran.stdout) == (2, ""), words
        assert message in ran.stderr, words


def test_a_read_key_may_read_and_not_start(shell: Shell) -> None:
    read, refused = shell.run_all(
        [("--action", "status", "--json"), ("--action", "pipeline", "--category-limit", "1")],
        key=READ_API_KEY,
    )
    assert read.code == 0
    assert {category["name"] for category in read.json["categories"]} >= set(CATEGORIES)
    assert (refused.code, "Give a key of API_KEYS" in refused.err) == (2, True)
    assert READ_API_KEY not in refused.err
    without_key = shell.run("--action", "list", key=None)
    assert without_key.code == 2


def test_a_service_out_of_reach_is_exit_code_3(shell: Shell) -> None:
    [port] = free_ports(1)
    calls = [
        ("--action", "list"),
        ("--action", "pipeline", "--json"),
        ("--action", "import", "--file", "catalogue.csv"),
        ("--action", "status", "--run-id", "x", "--watch"),
    ]
    absent = shell.run_all(calls, BASE_URL=f"http://127.0.0.1:{port}")
    absent += shell.run_all([("--single",)], script=PREVIEWS, BASE_URL=f"http://127.0.0.1:{port}")
    another = shell.run_all([calls[0]], BASE_URL=f"http://127.0.0.1:{shell.machine.settings.emulator_port}")
    assert [(ran.code, ran.out) for ran in absent + another] == [(3, "")] * 6
    assert all("make serve" in ran.err for ran in absent)
    assert "not as this API does" in another[0].err
