"""Runs: estimate, pipeline, repeat, regenerate."""

from collections.abc import Callable

import pytest

from tests.end_to_end.scripts.shell import Ran, Shell

PIANOS = (
    "--action", "pipeline", "--category", "Pianos", "--category-limit", "2", "--idempotency-key", "night-1",
)  # fmt: skip


@pytest.fixture(scope="module")
def pianos(shell: Shell) -> Ran:
    """Two pianos brought up to date."""
    return shell.run(*PIANOS)


def test_an_estimate_shows_what_a_run_would_cost(shell: Shell) -> None:
    dry, people, programs, bad = shell.run_all(
        [
            ("--action", "pipeline", "--category", "kazoos", "--dry-run", "--idempotency-key", "never"),
            ("--action", "estimate", "--category", "kazoos"),
            ("--action", "estimate", "--category", "kazoos", "--json"),
            ("--action", "estimate", "--idempotency-key", "x"),
        ]
    )
    assert (dry.code, dry.out) == (people.code, people.out)
    assert (people.code, "nothing was started" in people.out, "kazoos" in people.out) == (0, True, True)
    assert (programs.code, set(programs.json["total"]) >= {"requests", "cost", "most_cost"}) == (0, True)
    assert (bad.code, "does not go with" in bad.err) == (2, True)


def test_a_pipeline_is_followed_to_its_end_and_a_key_never_starts_a_second_run(
    shell: Shell, pianos: Ran
) -> None:
    assert pianos.code == 0, pianos.err
    assert "completed" in pianos.out
    assert "│ pianos   │        2 │" in pianos.out
    again, other, nothing = shell.run_all(
        [
            (*PIANOS, "--json"),
            (*PIANOS, "--brand", "Veskar"),
            ("--action", "pipeline", "--product-id", "PIA-0", "--locale", "de-DE"),
        ]
    )
    run = again.json["run"]
    assert (again.code, run["run_id"] in pianos.out, run["product_count"]) == (0, True, 2)
    assert run["counts"]["by_outcome"] == {"stored": 2}
    assert (other.code, "idempotency_key_reused" in other.err) == (2, True)
    assert "Leave --idempotency-key out" in other.err
    assert (nothing.code, "Nothing was due" in nothing.out) == (0, True)
    look, watch, as_json = shell.run_all(
        [("--action", "status", "--run-id", run["run_id"], *more) for more in ((), ("--watch",), ("--json",))]
    )
    assert (look.code, watch.code, as_json.json) == (0, 0, again.json)
    assert run["run_id"] in look.out


def test_a_request_that_fails_is_exit_code_1(shell: Shell, fault: Callable[..., None]) -> None:
    fault({"on": "request", "times": None, "effect": {"refusal": True}})
    done = shell.run("--action", "pipeline", "--category", "kazoos", "--category-limit", "1", "--json")
    assert done.code == 1, done.out
    assert done.json["run"]["counts"]["by_outcome"] == {"refused": 1}


@pytest.mark.usefixtures("pianos")
def test_regenerating_makes_products_wait_once(shell: Shell) -> None:
    words = ("--action", "regenerate", "--product-id", "PIA-1", "--locale", "en-US")
    done = shell.run(*words)
    assert (done.code, done.out.startswith("1 products wait")) == (0, True), done.out + done.err
    assert "--action pipeline" in done.out
    again, by_outcome, unknown, nothing, wrong = shell.run_all(
        [
            (*words, "--json"),
            ("--action", "regenerate", "--category", "pianos", "--outcome", "expired"),
            ("--action", "regenerate", "--product-id", "nope"),
            ("--action", "regenerate"),
            ("--action", "regenerate", "--outcome", "nope"),
        ]
    )
    assert (again.code, again.json["status"]) == (0, "completed")
    assert (by_outcome.code, "No product matches" in by_outcome.out) == (0, True)
    assert (unknown.code, nothing.code, wrong.code) == (2, 2, 2)
    assert "--action import brings products in" in unknown.err
