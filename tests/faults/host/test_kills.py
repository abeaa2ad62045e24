"""Killed at every commit, and at random ones among random commands: everything ends as without a kill.

A kill between two commits is the same as one at the earlier: nothing but the store outlives the process.
"""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from local.host.engine import AlreadyRunning
from tests.faults.host.engine_under_fire import EngineUnderFire
from tests.faults.host.fire import activities, expected, labelled, start_payload

# The SDK warns of an event that no task waits for.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")

EVERYTHING: list[Any] = [
    ("work", 1),
    ("fan", 3),
    ("child", [("event", None), ("again", None), ("work", 0)]),
    ("race", 60),
    ("again", None),
    ("timer", 30),
    ("event", None),
    ("work", 0),
]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_killed_at_every_commit(before: bool, tmp_path: Path) -> None:
    steps = labelled(EVERYTHING, "x")
    kill_at, reached = 1, True
    while reached:
        folder = tmp_path / str(kill_at)
        fire = EngineUnderFire(folder)
        fire.store.kill_at(kill_at, before)
        fire.do("start_instance", "script", "x", start_payload(steps))
        if fire.instance("x") is None:
            assert (kill_at, before) == (1, True), "a start that was written down is lost"
            fire.do("start_instance", "script", "x", start_payload(steps))
        fire.finish_everything()
        ended = fire.instance("x")
        assert ended is not None
        assert (ended.status, json.loads(ended.output or "")) == ("Completed", expected(steps))
        for key, fails in activities(steps).items():
            assert 1 <= fire.executions[key] <= fails + 1 + fire.risks[key], (kill_at, key)
        reached = fire.kills > 0
        fire.close()
        kill_at += 1
    assert kill_at > 30, "the program is too short to mean anything"


_SIMPLE = st.one_of(
    st.tuples(st.just("work"), st.integers(0, 2)),
    st.tuples(st.just("fan"), st.integers(1, 4)),
    st.tuples(st.just("timer"), st.integers(1, 1_000)),
    st.tuples(st.just("event"), st.none()),
    st.tuples(st.just("race"), st.integers(1, 1_000)),
    st.tuples(st.just("again"), st.none()),
)
PROGRAMS = st.recursive(
    st.lists(_SIMPLE, min_size=1, max_size=4),
    lambda inner: st.lists(st.one_of(_SIMPLE, st.tuples(st.just("child"), inner)), min_size=1, max_size=4),
    max_leaves=4,
)


class Commands(RuleBasedStateMachine):
    """Random commands and kills, against a model of what each instance must come to."""

    @initialize()
    def begin(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.fire = EngineUnderFire(Path(self._folder.name))
        self.programs: dict[str, list[Any]] = {}
        self.terminated: set[str] = set()
        self.purged: set[str] = set()

    @rule(program=PROGRAMS)
    def start(self, program: list[Any]) -> None:
        instance_id = f"i{len(self.programs)}"
        steps = labelled(program, instance_id)
        self.programs[instance_id] = steps
        self.fire.do("start_instance", "script", instance_id, start_payload(steps))
        if self.fire.instance(instance_id) is None:
            # Killed before it was stored. The caller got no answer, and repeats the call.
            self.fire.do("start_instance", "script", instance_id, start_payload(steps))

    @precondition(lambda self: self.fire.running())
    @rule(which=st.integers(0, 50))
    def start_again(self, which: int) -> None:
        running = self.fire.running()
        with pytest.raises(AlreadyRunning):
            self.fire.do("start_instance", "script", running[which % len(running)].id, start_payload([]))

    @precondition(lambda self: self.fire.pending)
    @rule(which=st.integers(0, 50))
    def finish_activity(self, which: int) -> None:
        self.fire.finish_activity(which)

    @precondition(lambda self: self.fire.running())
    @rule(which=st.integers(0, 50))
    def raise_event(self, which: int) -> None:
        running = self.fire.running()
        self.fire.raise_waited_for(running[which % len(running)].id)

    @rule(seconds=st.integers(1, 600))
    def pass_time(self, seconds: int) -> None:
        self.fire.pass_time(timedelta(seconds=seconds))

    @rule()
    def kill(self) -> None:
        self.fire.kill()

    @rule(commits=st.integers(1, 6), before=st.booleans())
    def kill_soon(self, commits: int, before: bool) -> None:
        self.fire.store.kill_at(commits, before)

    @precondition(lambda self: self.fire.running())
    @rule(which=st.integers(0, 50), suspended=st.booleans())
    def suspend_or_resume(self, which: int, suspended: bool) -> None:
        running = self.fire.running()
        self.fire.do("suspend", running[which % len(running)], suspended)

    @precondition(lambda self: self._running_roots())
    @rule(which=st.integers(0, 50))
    def terminate(self, which: int) -> None:
        roots = self._running_roots()
        instance = self.fire.instance(roots[which % len(roots)])
        assert instance is not None
        self.fire.do("terminate", instance, "enough")
        after = self.fire.instance(instance.id)
        if after is not None and after.status == "Terminated":
            self.terminated.add(instance.id)

    @precondition(lambda self: self._ended_roots())
    @rule(which=st.integers(0, 50))
    def purge(self, which: int) -> None:
        roots = self._ended_roots()
        instance = self.fire.instance(roots[which % len(roots)])
        assert instance is not None
        self._check_ended(instance.id)
        self.fire.do("purge", instance)
        if self.fire.instance(instance.id) is None:
            self.purged.add(instance.id)

    @invariant()
    def what_ended_stays_ended(self) -> None:
        if hasattr(self, "fire"):
            for instance_id in self._ended_roots():
                self._check_ended(instance_id)
            for instance_id in self.purged:
                assert self.fire.instance(instance_id) is None

    def teardown(self) -> None:
        if not hasattr(self, "fire"):
            return
        self.fire.finish_everything()
        for instance_id, steps in self.programs.items():
            if instance_id in self.purged:
                continue
            self._check_ended(instance_id)
            for key, fails in activities(steps).items():
                most = fails + 1 + self.fire.risks[key]
                assert self.fire.executions[key] <= most, f"{key} ran more often than kills explain"
                assert self.fire.executions[key] >= 1 or instance_id in self.terminated
        # Nothing is left over: no message, task or timer of anything.
        assert self.fire.store.tasks() == []
        assert self.fire.store.next_timer() is None
        assert self.fire.store.instances_with_messages() == []
        self.fire.close()
        self._folder.cleanup()

    def _running_roots(self) -> list[str]:
        return [instance.id for instance in self.fire.running() if instance.id in self.programs]

    def _ended_roots(self) -> list[str]:
        found = map(self.fire.instance, self.programs)
        return [instance.id for instance in found if instance is not None and instance.is_terminal]

    def _check_ended(self, instance_id: str) -> None:
        instance = self.fire.instance(instance_id)
        assert instance is not None, f"{instance_id} is lost"
        if instance_id in self.terminated:
            assert (instance.status, instance.output) == ("Terminated", '"enough"')
        else:
            assert instance.status == "Completed", instance
            assert json.loads(instance.output or "") == expected(self.programs[instance_id])


TestCommands = Commands.TestCase
TestCommands.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
