"""Faults that the matrix found, with the harm that each did before it was fixed."""

import uuid

import pytest

from tests.faults.harness.matrix import Case, play, worlds
from tests.faults.harness.points import Fault, Point
from tests.faults.harness.scenarios import SCENARIOS

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.mark.parametrize(
    ("scenario", "step", "call", "fault"),
    [
        # The claim named the new category, the old row and its marker stayed: the product existed twice.
        ("change, move and regenerate", "import", "update content claim", Fault.REPEATED),
        ("change, move and regenerate", "import", "submit transaction products row", Fault.KILL_BEFORE),
        ("change, move and regenerate", "import", "submit transaction products row", Fault.REPEATED),
        # The claim was taken without the build knowing it: the product was in no file for two days.
        ("import and run", "prepare", "update content claim", Fault.REPEATED),
        # The file was there, no record held its id, and it used the file quota for two weeks.
        ("import and run", "submit", "Azure OpenAI POST /files", Fault.ACCEPTED_TIME_OUT),
        ("import and run", "submit", "Azure OpenAI POST /files", Fault.KILL_AFTER),
        # The row waited again and was never found again; its claim kept it out of every batch for two days.
        ("clean-up", "clean-up", "submit transaction products marker/row/row", Fault.KILL_AFTER),
        ("clean-up", "clean-up", "update content claim", Fault.KILL_BEFORE),
        # Two workers wrote a file each under one name; the manifest was of the one, the file of the other.
        ("import and run", "prepare", "submit transaction products marker/row/row", Fault.TWICE),
        ("import and run", "prepare", "commit block list manifest", Fault.TWICE),
    ],
)
def test_a_fault_that_once_did_harm(azurite: str, scenario: str, step: str, call: str, fault: Fault) -> None:
    with worlds(azurite, f"d{uuid.uuid4().hex[:8]}") as made:
        for number in (1, 2):
            point = Point(step, call, number, writes=True)
            end, _ = play(next(made), Case(BY_NAME[scenario], ((point, fault),)), f"d{number}")
            assert end.good, f"{point} {fault}: {end}"
