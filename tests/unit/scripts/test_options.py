"""Which options go with which action, and the exit code and text of each error."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts import exits
from scripts.options import TAKES, Action, Misused, Options, check
from scripts.run_batch_processing import app
from scripts.transport import AnswerLost, ApiError, BadAddress, OutOfReach
from scripts.upload import BadFile, UploadFailed

PAGE = (Path(__file__).parent.parent.parent.parent / "docs" / "scripts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--action nope", "'nope' is not one of"),
        ("", "--action"),
        ("--action submit", "--action submit needs --batch-id"),
        ("--action import", "--action import needs --file"),
        ("--action export", "--action export needs --channel"),
        ("--action regenerate --channel shopify", "--channel does not go with --action regenerate"),
        (
            "--action submit --batch-id x --category-limit 3",
            "--category-limit does not go with --action submit",
        ),
        ("--action test --brand x", "--brand does not go with --action test"),
        ("--action list --run-id x", "--run-id does not go with --action list"),
        ("--action import --file x.csv --kind input", "--kind does not go with --action import"),
        ("--action status --watch", "--watch needs what to watch"),
        ("--action status --run-id a --batch-id b", "not several"),
        ("--action status --run-id=", "--run-id is empty"),
        ("--action pipeline --category=", "--category is empty"),
        ("--action pipeline --category pianos --category=", "--category is empty"),
        ("--action create --product-id=", "--product-id is empty"),
        ("--action regenerate --brand=\u3000", "--brand is empty"),
        ("--action list --runs=3", "--runs"),
        ("--action list --limit many", "--limit"),
        ("--action file --batch-id x --kind all", "--kind"),
    ],
)
def test_misuse_is_exit_code_2_and_names_the_option(words: str, message: str) -> None:
    ran = CliRunner().invoke(app, words.split())
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_every_action_has_its_options_and_is_on_the_page() -> None:
    assert set(TAKES) == set(Action)
    for action in Action:
        assert f"--action {action}" in PAGE


@pytest.mark.parametrize("action", Action)
def test_an_action_refuses_the_options_of_others(action: Action) -> None:
    needed = (
        {"batch_id"}
        if "batch_id" in TAKES[action]
        else {"file"} & TAKES[action] | {"channel"} & TAKES[action]
    )
    check(Options(action), set(needed))
    for other in set().union(*TAKES.values()) - TAKES[action]:
        with pytest.raises(Misused, match="does not go with"):
            check(Options(action), {*needed, other})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ApiError(400, "invalid_request", "x", {}), 2),
        (ApiError(401, "unauthorized", "x", {}), 2),
        (ApiError(404, "not_found", "x", {}), 2),
        (ApiError(409, "wrong_state", "x", {}), 1),
        (ApiError(410, "discontinued", "x", {}), 1),
        (ApiError(500, "internal_error", "x", {"correlation_id": "c1"}), 1),
        (ApiError(501, "not_configured", "x", {}), 1),
        (ApiError(503, "unavailable", "x", {}), 3),
        (OutOfReach("x"), 3),
        (AnswerLost("x"), 3),
        (BadAddress("x"), 2),
        (BadFile("x"), 2),
        (UploadFailed("x"), 1),
        (Misused("x"), 2),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert isinstance(error, exits.KNOWN)
    assert exits.code_of(error) == code


def test_an_error_is_explained_with_its_details_and_what_to_do_next() -> None:
    known = exits.explain(ApiError(404, "not_found", "There is no category x.", {"known": ["a", "b"]}))
    assert known.splitlines() == ["not_found: There is no category x.", "Known: a, b."]
    fault = exits.explain(ApiError(500, "internal_error", "Sorry.", {"correlation_id": "c1"}))
    assert "c1" in fault
    assert "log" in fault
    run = exits.explain(ApiError(404, "not_found", "There is no run 'x'.", {}))
    assert "--action list --runs" in run
