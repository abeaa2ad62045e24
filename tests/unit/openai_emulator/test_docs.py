"""docs/emulator.md names every refusal, effect, option and quirk of the code, and only existing tests."""

import argparse
import re
from pathlib import Path

from local.openai_emulator import refusals
from local.openai_emulator.__main__ import make_parser
from local.openai_emulator.config import Quirk
from local.openai_emulator.faults import Effect, Rule
from local.openai_emulator.refusals import Documented

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "emulator.md").read_text(encoding="utf-8")
TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("tests/unit/openai_emulator", "tests/contract")
    for path in (ROOT / folder).rglob("test_*.py")
)


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_refusal_is_in_the_table() -> None:
    codes = {each.code for each in vars(refusals).values() if isinstance(each, Documented)}
    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in section("What it refuses")} == set()


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(test_\w+)`", PAGE)
    assert len(named) > 30
    assert {name for name in named if f"def {name}(" not in TESTS} == set()


def test_every_effect_and_kind_of_event_is_explained() -> None:
    page = section("Faults")
    known = {*Effect.model_fields, *Rule.model_fields, *Rule.model_fields["on"].annotation.__args__}  # type: ignore[union-attr]
    assert {name for name in known if f"`{name}`" not in page and f"`{name}`:" not in page} == set()


def test_every_option_and_quirk_is_explained() -> None:
    options = {
        option
        for action in make_parser()._actions
        if not isinstance(action, argparse._HelpAction)
        for option in action.option_strings
    }
    assert {option for option in options if f"`{option}`" not in section("Start it")} == set()
    assert {quirk for quirk in Quirk if f"`{quirk}`" not in section("What it serves")} == set()
