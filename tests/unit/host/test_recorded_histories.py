"""Recorded histories, replayed turn by turn: each turn schedules what was recorded, and the last ends so.

They show that a new SDK or a changed orchestrator still replays the histories that are in task hubs.
"""

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from local.host import history
from local.host.history import Event
from local.host.replay import Turn, run_turn
from tests.unit.host.recorded import FOLDER, FUNCTIONS, Recording, read

# The SDK warns of an event that the orchestrator does not wait for.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")

PATHS = sorted(FOLDER.glob("*.json"))
COMPLETED, FAILED = ("Completed", 1), ("Failed", 3)


def _turns(events: list[Event]) -> Iterator[tuple[list[Event], list[Event]]]:
    """Each turn: the history that it received, and the scheduling events that it added."""
    begun = 0
    for place, event in enumerate(events):
        if event["EventType"] == history.ORCHESTRATOR_STARTED:
            begun = place
        elif event["EventType"] == history.ORCHESTRATOR_COMPLETED:
            turn = events[begun:place]
            added = [e for e in turn if e["EventType"] in history.SCHEDULING]
            given = copy.deepcopy(events[:begun] + [e for e in turn if e not in added])
            for new in given[begun:]:
                new["IsPlayed"] = False
            yield given, added


def _replay(recording: Recording, given: list[Event]) -> Turn:
    orchestrator = FUNCTIONS.orchestrators[recording.orchestrator]
    return run_turn(orchestrator, recording.instance_id, recording.parent_instance_id, recording.input, given)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_turn_schedules_what_was_recorded(path: Path) -> None:
    recording = read(path)
    for number, (given, added) in enumerate(_turns(recording.history)):
        turn = _replay(recording, given)
        scheduled = [(task.task_id, task.event_type, task.name) for task in turn.new_tasks]
        recorded = [(event["EventId"], event["EventType"], event.get("Name") or "") for event in added]
        assert scheduled == recorded, f"turn {number}"
        for task, event in zip(turn.new_tasks, added, strict=True):
            if task.fire_at is not None:
                # The SDK has microseconds. DurableTask has tenths of microseconds.
                assert task.fire_at == datetime.fromisoformat(event["FireAt"])
            elif event["Input"] is not None:
                assert task.payload == json.loads(event["Input"])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_last_turn_ends_as_recorded(path: Path) -> None:
    recording = read(path)
    *_, (given, _) = _turns(recording.history)
    turn, end = _replay(recording, given), recording.history[-1]
    if end["EventType"] != history.EXECUTION_COMPLETED:
        assert turn.continue_as_new == ('"xx"',)
    elif end["OrchestrationStatus"] in FAILED:
        assert f"Orchestrator function '{recording.orchestrator}' failed: {turn.failure}" == end["Result"]
    else:
        assert end["OrchestrationStatus"] in COMPLETED
        assert (turn.is_done, turn.output) == (True, json.loads(end["Result"]))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_only_the_last_turn_ends(path: Path) -> None:
    recording = read(path)
    *turns, _ = _turns(recording.history)
    for given, _ in turns:
        turn = _replay(recording, given)
        assert not turn.is_done
        assert turn.failure is None


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_handler_of_the_sdk_returns_the_same(path: Path) -> None:
    """In the real host the worker calls this handler: JSON in, JSON out."""
    recording = read(path)
    *_, (given, _) = _turns(recording.history)
    turn = _replay(recording, copy.deepcopy(given))
    context = {
        "history": given,
        "instanceId": recording.instance_id,
        "isReplaying": False,
        "parentInstanceId": recording.parent_instance_id,
        "input": recording.input,
        "upperSchemaVersion": 0,
        "upperSchemaVersionNew": 2,
        "maximumShortTimerDuration": "6.00:00:00",
        "longRunningTimerIntervalDuration": "3.00:00:00",
    }
    handle = FUNCTIONS.orchestrators[recording.orchestrator]
    if turn.failure is not None:
        with pytest.raises(Exception, match="OutOfProcData") as raised:
            handle(json.dumps(context))
        assert str(raised.value).startswith(turn.failure)
        return
    state: dict[str, Any] = json.loads(handle(json.dumps(context)))
    assert state["isDone"] == turn.is_done
    assert state.get("output") == turn.output
    assert state.get("customStatus") == turn.custom_status


def test_a_changed_name_in_a_recorded_history_is_noticed() -> None:
    recording = read(FOLDER / "reference-batch_lifecycle.json")
    *_, (given, _) = _turns(recording.history)
    task = next(event for event in given if event.get("Name") == "stage_results")
    task["Name"] = "stage_everything"
    failure = _replay(recording, given).failure
    assert failure is not None
    assert "was the activity 'stage_everything' and is the activity 'stage_results'" in failure


def test_there_are_recordings_of_both_sources() -> None:
    assert {read(path).source for path in PATHS} == {"recorded by this host", "written from the reference"}
