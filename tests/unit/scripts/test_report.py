"""What people read: texts of products are text, and nothing that a terminal obeys."""

import io
import sys
from typing import Any

import pytest
from rich.console import Console

from scripts import session, terminal_report
from scripts.api_client import ApiClient
from scripts.session import Session

HOSTILE = "\x1b[31m[bold]Organ[/bold] :smile:\x07\r\x9b2J"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the console prints, as on a terminal with colours."""
    out = io.StringIO()
    terminal = Console(
        file=out, markup=False, emoji=False, highlight=False, width=200, force_terminal=True, no_color=True
    )
    monkeypatch.setattr(session, "console", terminal)
    return out


def test_a_category_s_name_is_neither_markup_nor_a_command_to_the_terminal(printed: io.StringIO) -> None:
    status: Any = {
        "totals": {"pending": 1},
        "categories": [{"name": HOSTILE, "by_status": {"pending": 1}, "discontinued": 2}],
    }
    Session(ApiClient("http://127.0.0.1", ""), as_json=False).show(
        status, terminal_report.status_table(status)
    )
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
            answer, terminal_report.estimate_table(answer)
        )
        assert ("gpt-77" in printed.getvalue()) is bool(note)


def test_plain_keeps_letters_and_line_ends() -> None:
    assert terminal_report.plain("Flöte 笛\n\tx") == "Flöte 笛\n\tx"


def test_a_command_is_never_broken_and_holds_no_key(
    printed: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/some where/run_batch_processing.py"])
    made = Session(ApiClient("http://127.0.0.1", "secret"), False, flags=" --base-url http://127.0.0.1:1")
    made.show({}, "Come back:\n  " + made.command(f"--action status --run-id {'9' * 300} --watch"))
    line = printed.getvalue().splitlines()[1]
    assert line.endswith("--watch --base-url http://127.0.0.1:1")
    assert "'/some where/run_batch_processing.py'" in line
    assert "secret" not in line
