"""What is printed for people: texts of products never act as markup or as commands to the terminal."""

import io
import sys
from typing import Any

import pytest
from rich.console import Console

from scripts import report_tables, session, terminal
from scripts.api_client import ApiClient
from scripts.session import Session

HOSTILE = "\x1b[31m[bold]Organ[/bold] :smile:\x07\r\x9b2J"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the console prints, as on a terminal with colours."""
    out = io.StringIO()
    console = Console(
        file=out, markup=False, emoji=False, highlight=False, width=200, force_terminal=True, no_color=True
    )
    monkeypatch.setattr(session, "console", console)
    return out


def test_the_name_of_a_category_is_neither_markup_nor_a_command_to_the_terminal(printed: io.StringIO) -> None:
    status: Any = {
        "totals": {"pending": 1},
        "categories": [{"name": HOSTILE, "by_status": {"pending": 1}, "discontinued": 2}],
    }
    Session(ApiClient("http://127.0.0.1", ""), as_json=False).show(status, report_tables.status_table(status))
    text = printed.getvalue()
    assert "[bold]Organ[/bold] :smile:" in text
    for command in ("\x1b[31m", "\x07", "\r", "\x9b"):
        assert command not in text


def test_an_estimate_without_a_price_says_so(printed: io.StringIO) -> None:
    row = dict.fromkeys(("products", "requests", "files", "input_tokens", "output_tokens"), 1)
    total = {"category": "all", **row, "cost": 0.0, "most_cost": 0.0}
    for note in (None, "no price is known of the model gpt-77. Set AZURE_OPENAI_MODEL"):
        answer: Any = {"categories": [], "total": total, "price_note": note}
        Session(ApiClient("http://127.0.0.1", ""), as_json=False).show(
            answer, report_tables.estimate_table(answer)
        )
        assert ("gpt-77" in printed.getvalue()) is bool(note)


def test_plain_keeps_letters_and_line_ends() -> None:
    assert terminal.plain("Flöte 笛\n\tx") == "Flöte 笛\n\tx"


def test_a_command_is_never_wrapped_and_holds_no_key(
    printed: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/some where/run_batch_processing.py"])
    made = Session(ApiClient("http://127.0.0.1", "secret"), False, flags=" --base-url http://127.0.0.1:1")
    made.show({}, "Come back:\n  " + made.command(f"--action status --run-id {'9' * 300} --watch"))
    line = printed.getvalue().splitlines()[1]
    assert line.endswith("--watch --base-url http://127.0.0.1:1")
    assert "'/some where/run_batch_processing.py'" in line
    assert "secret" not in line
