"""Faults by script: rules that say which calls, requests and jobs go wrong, how, and how often.

A script is seeded: the same rules over the same traffic strike the same calls and requests, also after a
restart in the middle, since what a rule has seen is kept in the store.
"""

import random
import re
import threading
from collections.abc import Mapping
from sqlite3 import Connection
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from local.openai_emulator.emulator_store import Store

On = Literal[
    "files.create", "files.list", "files.retrieve", "files.content", "files.delete",
    "batches.create", "batches.list", "batches.retrieve", "batches.cancel",
    "chat.completions", "job", "request", "webhook",
]  # fmt: skip
_Share = Annotated[float, Field(ge=0, le=1)]


class Effect(BaseModel):
    """What goes wrong. Which fields mean something depends on what the rule is `on`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # On any call. `status` answers without carrying the call out, `drop` cuts the connection before or after
    # it is carried out, `hang` carries it out and answers only after so many seconds; `delay` in seconds.
    status: int | None = None
    code: str | None = None
    message: str | None = None
    retry_after: int | None = None
    delay: float | None = None
    drop: Literal["before", "after"] | None = None
    hang: float | None = None
    # On files.create: the file turns out to be in error; it takes so long to be processed.
    file_error: bool | None = None
    pending_seconds: float | None = None
    # On files.content: only this share of the bytes comes before the connection is cut.
    truncate: _Share | None = None
    # On requests (and online chat completions): `status` of above, answers that are no good, ...
    refusal: bool | None = None
    content_filter: bool | None = None
    prompt_filter: bool | None = None
    finish_reason: str | None = None
    broken_json: bool | None = None
    wrong_shape: bool | None = None
    url: bool | None = None
    invented_number: bool | None = None
    review: bool | None = None
    wrong_language: bool | None = None
    boilerplate: bool | None = None
    # ... and on lines of batches: ran and charged, but the line is missing, doubled or joined by an unknown.
    missing: bool | None = None
    doubled: bool | None = None
    unknown: bool | None = None
    # On jobs: another duration; the share of the lines after which it fails or expires (with `code` and
    # `message` for failing); seconds from `completed` to the output file's name.
    job_seconds: float | None = None
    fail_at: _Share | None = None
    expire_at: _Share | None = None
    output_delay: float | None = None
    # On webhooks: `delay` of above; sent so many times (0: never); signed with another secret; dated so many
    # seconds off.
    copies: int | None = None
    forged: bool | None = None
    dated: float | None = None


class Rule(BaseModel):
    """Strikes what it is `on` and whose facts match, after `skip` of them, `times` times (None: always).

    `match` holds regular expressions (searched) by the name of the fact: `path` and `metadata.…` on calls,
    `custom_id`, `product`, `deployment` on requests, `metadata.…` and `deployment` on jobs, `type` on
    webhooks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: On
    effect: Effect
    match: dict[str, str] = {}
    skip: int = 0
    times: int | None = 1
    probability: _Share = 1.0


class _Live:
    """A rule with what it has seen and done so far."""

    def __init__(self, number: int, rule: Rule, seen: int, used: int) -> None:
        self.number = number
        self.rule = rule
        self.seen = seen
        self.used = used

    def strikes(self, facts: Mapping[str, str], seed: int, key: str) -> bool:
        if self.rule.times is not None and self.used >= self.rule.times:
            return False
        if not all(re.search(pattern, facts.get(name, "")) for name, pattern in self.rule.match.items()):
            return False
        self.seen += 1
        if self.seen <= self.rule.skip:
            return False
        # Chance hangs on the key (a custom_id, say) where there is one, and never on the order of things.
        dice = random.Random(f"{seed}:{self.number}:{key or self.seen}")  # noqa: S311 - seeded on purpose
        if dice.random() >= self.rule.probability:
            return False
        self.used += 1
        return True


class Faults:
    """The rules in force, shared by all threads."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self._seed = seed
        self._lock = threading.Lock()
        self._live: list[_Live] = []
        self._unsaved = False
        self.reload()

    def reload(self) -> None:
        """Go back to what the store holds, which is what was committed."""
        rows = self._store.rows("SELECT id, rule, seen, used FROM faults ORDER BY id")
        with self._lock:
            self._live = [
                _Live(row["id"], Rule.model_validate_json(row["rule"]), row["seen"], row["used"])
                for row in rows
            ]

    def add(self, rules: list[Rule]) -> None:
        """Put rules in force after those that are."""
        with self._store.transaction() as connection:
            for rule in rules:
                connection.execute("INSERT INTO faults (rule) VALUES (?)", (rule.model_dump_json(),))
        self.reload()

    def clear(self) -> None:
        """Lift all rules."""
        self._store.execute("DELETE FROM faults")
        self.reload()

    def strike(self, on: On, facts: Mapping[str, str], key: str = "") -> dict[str, Any]:
        """The effects on one thing that happens, of all rules together; empty where nothing goes wrong."""
        effects: dict[str, Any] = {}
        with self._lock:
            for live in self._live:
                if live.rule.on != on:
                    continue
                self._unsaved = True
                if live.strikes(facts, self._seed, key):
                    effects |= live.rule.effect.model_dump(exclude_none=True)
        return effects

    def save(self, connection: Connection) -> None:
        """Write what the rules have seen, within the transaction of what they were asked for."""
        with self._lock:
            if not self._unsaved:
                return
            self._unsaved = False
            connection.executemany(
                "UPDATE faults SET seen = ?, used = ? WHERE id = ?",
                [(live.seen, live.used, live.number) for live in self._live],
            )

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                {
                    "id": live.number,
                    "rule": orjson.loads(live.rule.model_dump_json(exclude_none=True)),
                    "seen": live.seen,
                    "used": live.used,
                }
                for live in self._live
            ]
