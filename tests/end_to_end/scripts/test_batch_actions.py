"""Batches one at a time: create, look, submit, process, cancel, download."""

from tests.end_to_end.scripts.shell import Shell


def create(shell: Shell, category: str) -> str:
    """Create a batch of one product. Returns its id."""
    made = shell.run("--action", "create", "--category", category, "--category-limit", "1", "--json")
    assert made.code == 0, made.err
    [batch] = made.json["batches"]
    assert batch["status"] == "created"
    return str(batch["batch_id"])


def lines(shell: Shell, name: str) -> int:
    return len((shell.folder / name).read_text().splitlines())


def test_a_batch_step_by_step(shell: Shell) -> None:
    batch_id = create(shell, "Flutes")
    status, early, no_output, downloaded, listed = shell.run_all(
        [
            ("--action", "status", "--batch-id", batch_id),
            ("--action", "process", "--batch-id", batch_id),
            ("--action", "file", "--batch-id", batch_id),
            ("--action", "file", "--batch-id", batch_id, "--kind", "input", "--file", "in.jsonl", "--json"),
            ("--action", "list", "--status", "created", "--json"),
        ]
    )
    assert status.code == 0
    assert f"--action submit --batch-id {batch_id}" in status.out
    assert (early.code, "wrong_state" in early.err, early.out) == (1, True, "")
    assert (no_output.code, "no output lines" in no_output.out) == (1, True)
    assert downloaded.code == 0
    assert downloaded.json["bytes"] == (shell.folder / "in.jsonl").stat().st_size
    assert lines(shell, "in.jsonl") == 1
    assert batch_id in {batch["batch_id"] for batch in listed.json["batches"]}

    submitted = shell.run("--action", "submit", "--batch-id", batch_id, "--watch", "--json")
    assert submitted.code == 0, submitted.err
    assert submitted.json["status"] == "completed"
    again, processed, watched, cancelled, output = shell.run_all(
        [
            ("--action", "submit", "--batch-id", batch_id),
            ("--action", "process", "--batch-id", batch_id, "--json"),
            ("--action", "status", "--batch-id", batch_id, "--watch"),
            ("--action", "cancel", "--batch-id", batch_id),
            ("--action", "file", "--batch-id", batch_id),
        ]
    )
    assert (again.code, "wrong_state" in again.err) == (1, True)
    assert "See its state" in again.err
    assert (processed.code, processed.json["status"]) == (0, "completed")
    assert (watched.code, "1 of 1 requests" in watched.out) == (0, True)
    assert (cancelled.code, "wrong_state" in cancelled.err) == (1, True)
    assert output.code == 0
    assert lines(shell, f"{batch_id}-output.jsonl") == 1


def test_a_created_batch_can_be_cancelled(shell: Shell) -> None:
    batch_id = create(shell, "Harps")
    done = shell.run("--action", "cancel", "--batch-id", batch_id, "--watch", "--json")
    assert (done.code, done.json["status"]) == (0, "cancelled")
    again, status = shell.run_all(
        [("--action", action, "--batch-id", batch_id) for action in ("cancel", "status")]
    )
    assert again.code == 1
    assert status.code == 1, "a batch that ended without its results is not a success"


def test_a_test_batch_prints_the_command_that_shows_its_lines(shell: Shell) -> None:
    done = shell.run("--action", "test", "--category", "drums", "--category-limit", "1")
    assert done.code == 0, done.err
    assert "Nothing was sent yet" in done.out
    command = next(line for line in done.out.splitlines() if "--kind input" in line)
    assert shell.paste(command).code == 0
    page, runs = shell.run_all(
        [("--action", "list", "--limit", "1"), ("--action", "list", "--runs", "--limit", "1", "--json")]
    )
    assert "--after" in page.out
    assert (runs.json["runs"][0]["trigger"], runs.json["runs"][0]["product_count"]) == ("test", 1)
