"""`test_azure_openai_batch.py`: online previews of a few products."""

import json
from collections.abc import Callable

from local.local_settings import API_KEY, READ_API_KEY
from tests.end_to_end.scripts.shell import PREVIEWS, Shell


def test_previews_are_kept_and_counted_by_category(shell: Shell) -> None:
    single, two = shell.run_all(
        [
            ("--single", "--locale", "de-DE"),
            ("--products-per-category", "2", "--category", "pianos", "--category", "gongs", "--json"),
        ],
        script=PREVIEWS,
    )
    assert single.code == 0, single.err
    assert "100%" in single.out
    assert (two.code, two.json["products"], two.json["passed"]) == (0, 4, 4)
    folder = shell.folder / two.json["folder"]
    assert folder.parent == shell.folder / "test_results"
    kept = sorted(folder.rglob("*.json"))
    assert len(kept) == 5
    answer = json.loads(next(path for path in kept if path.stem == "PIA-0").read_text(encoding="utf-8"))
    assert answer["answer"]["locales"]["en-US"]["content"]["basic_info"]


def test_a_preview_that_fails_is_named_and_is_exit_code_1(shell: Shell, fault: Callable[..., None]) -> None:
    fault({"on": "chat.completions", "times": 1, "effect": {"broken_json": True}})
    words = ("--category", "pianos", "--products-per-category", "2", "--parallel", "1")
    failed = shell.run(*words, script=PREVIEWS)
    assert failed.code == 1
    assert "FAILED  pianos  PIA-0: en-US invalid_json" in failed.out
    assert "50%" in failed.out


def test_a_preview_that_cannot_start_says_why(shell: Shell) -> None:
    read_key, absent, usage = (
        shell.run(*words, script=PREVIEWS, key=key)
        for words, key in (
            (("--single",), READ_API_KEY),
            (("--category", "Violas"), API_KEY),
            (("--products-per-category", "0"), API_KEY),
        )
    )
    assert (read_key.code, "forbidden" in read_key.err) == (2, True)
    assert (absent.code, "no product to try" in absent.err) == (1, True)
    assert usage.code == 2
