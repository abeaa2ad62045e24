"""Programs for orchestrations under fire, and a store that dies at a chosen commit.

A program is a list of steps; `expected` says what an orchestration of it must come to, whatever was killed.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from local.host.functions import load
from local.host.host_store import Store

Step = list[Any]
"""A kind, a key that is unique, and what the kind needs: failures, width, seconds, or steps."""

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=4)


@app.orchestration_trigger(context_name="context")
def script(context: df.DurableOrchestrationContext) -> Any:
    """Carries out a program. The custom status is the event that it waits for, or waited for last."""
    asked = context.get_input()
    steps, out = asked["steps"], asked["out"]
    for place, (kind, key, detail) in enumerate(steps):
        if kind == "work":
            out.append((yield context.call_activity_with_retry("work", RETRY, {"key": key, "fails": detail})))
        elif kind == "fan":
            tasks = [context.call_activity("work", {"key": f"{key}.{n}", "fails": 0}) for n in range(detail)]
            out.append((yield context.task_all(tasks)))
        elif kind == "timer":
            yield context.create_timer(context.current_utc_datetime + timedelta(seconds=detail))
        elif kind == "event":
            context.set_custom_status(key)
            out.append((yield context.wait_for_external_event(key)))
        elif kind == "race":
            context.set_custom_status(key)
            timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=detail))
            event = context.wait_for_external_event(key)
            if (yield context.task_any([timer, event])) is event:
                timer.cancel()
        elif kind == "child":
            out.append((yield context.call_sub_orchestrator("script", {"steps": detail, "out": []}, key)))
        else:
            context.continue_as_new({"steps": steps[place + 1 :], "out": out})
            return None
    return out


FUNCTIONS = load(f"{__name__}:app")


def expected(steps: list[Step]) -> list[Any]:
    """The output of a program."""
    out: list[Any] = []
    for kind, key, detail in steps:
        if kind == "work":
            out.append(result(key))
        elif kind == "fan":
            out.append([result(f"{key}.{n}") for n in range(detail)])
        elif kind == "event":
            out.append(event_data(key))
        elif kind == "child":
            out.append(expected(detail))
    return out


def activities(steps: list[Step]) -> dict[str, int]:
    """The keys of a program's activities, and how often each fails first."""
    found: dict[str, int] = {}
    for kind, key, detail in steps:
        if kind == "work":
            found[key] = detail
        elif kind == "fan":
            found |= {f"{key}.{n}": 0 for n in range(detail)}
        elif kind == "child":
            found |= activities(detail)
    return found


def labelled(steps: list[Any], prefix: str) -> list[Step]:
    """Give each step of a program, a list of (kind, detail), a key that no other has."""
    return [
        [kind, f"{prefix}-{n}", labelled(detail, f"{prefix}-{n}") if kind == "child" else detail]
        for n, (kind, detail) in enumerate(steps)
    ]


def result(key: str) -> str:
    return f"done {key}"


def event_data(key: str) -> str:
    return f"raised {key}"


class Killed(BaseException):
    """The process was killed: nothing after this happened. No handler of the host's may catch it."""


class MortalStore(Store):
    """A store whose process is killed at a chosen commit, just before it or just after."""

    def __init__(self, path: Path, kill_at: int | None = None, before: bool = True) -> None:
        self.is_dead = False
        self.commits = 0
        self._kill_at, self._before = kill_at, before
        super().__init__(path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.is_dead:
            raise Killed
        self.commits += 1
        is_last = self.commits == self._kill_at
        with super().transaction():
            yield
            if is_last and self._before:
                self.is_dead = True
                raise Killed
        if is_last:
            self.is_dead = True
            raise Killed

    def kill_at(self, commits_from_now: int, before: bool) -> None:
        self._kill_at, self._before = self.commits + commits_from_now, before


def start_payload(steps: list[Step]) -> str:
    """The input as the SDK's client posts it: JSON, as JSON once more."""
    return json.dumps(json.dumps({"steps": steps, "out": []}))
