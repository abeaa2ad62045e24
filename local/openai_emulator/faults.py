"""Scripted faults: rules that define which calls, requests and jobs fail, how, and how often.

A script is seeded: the same rules affect the same calls and requests of the same traffic. That holds across a
restart, because the store keeps the counts of each rule.
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
    """What goes wrong. The rule's `on` decides which fields have a meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # On any call: `status` responds without carrying the call out. `delay` waits that many seconds first.
    # `drop` cuts the connection before or after the call is carried out. `hang` carries the call out and
    # responds that many seconds later.
    status: int | None = None
    code: str | None = None
    message: str | None = None
    retry_after: int | None = None
    delay: float | None = None
    drop: Literal["before", "after"] | None = None
    hang: float | None = None
    # On files.create: the file ends in error; it is pending for that many seconds.
    file_error: bool | None = None
    pending_seconds: float | None = None
    # On files.content: only this share of the bytes is sent before the connection is cut.
    truncate: _Share | None = None
    # On requests of a batch and on online chat completions: `status` (above), bad answers, ...
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
    # ... lapses in the texts, which a reader should find, ...
    unsupported_feature: bool | None = None
    contradiction: bool | None = None
    wrong_part: bool | None = None
    promise: bool | None = None
    level: bool | None = None
    price_talk: bool | None = None
    # ... on requests to check texts: the share of lapses that is missed, and findings that are wrong, ...
    missed: _Share | None = None
    false_finding: bool | None = None
    false_quote: bool | None = None
    false_record: bool | None = None
    unknown_line: bool | None = None
    # ... and on batch lines: the request ran and is charged, but its line is missing, is written twice, or is
    # followed by a line with an unknown id.
    missing: bool | None = None
    doubled: bool | None = None
    unknown: bool | None = None
    # On jobs: another duration; the share of the lines after which the job fails (with `code` and `message`)
    # or expires; seconds from `completed` until the output file is named.
    job_seconds: float | None = None
    fail_at: _Share | None = None
    expire_at: _Share | None = None
    output_delay: float | None = None
    # On webhooks: `delay` (above); the number of times it is sent (0: never); signed with another secret; a
    # timestamp that is off by that many seconds.
    copies: int | None = None
    forged: bool | None = None
    dated: float | None = None


class Rule(BaseModel):
    """Applies its effect to events of kind `on` whose facts match.

    It skips the first `skip` matching events and applies `times` times (None: no limit). `match` maps the
    name of a fact to a regular expression, which is searched: `path`, `metadata.…` and `deployment` on calls;
    `custom_id`, `product` and `deployment` on requests; `metadata.…` and `deployment` on jobs; `type` on
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
    """A rule with its counts: matching events seen, and events affected."""

    def __init__(self, number: int, rule: Rule, seen: int, used: int) -> None:
        self.number = number
        self.rule = rule
        self.seen = seen
        self.used = used

    def applies(self, facts: Mapping[str, str], seed: int, key: str) -> bool:
        if self.rule.times is not None and self.used >= self.rule.times:
            return False
        if not all(re.search(pattern, facts.get(name, "")) for name, pattern in self.rule.match.items()):
            return False
        self.seen += 1
        if self.seen <= self.rule.skip:
            return False
        # The chance depends on the key (such as a custom_id) if there is one, so that it does not depend on
        # the order of events.
        dice = random.Random(f"{seed}:{self.number}:{key or self.seen}")  # noqa: S311 - seeded on purpose
        if dice.random() >= self.rule.probability:
            return False
        self.used += 1
        return True


class Faults:
    """The rules in force. Shared by all threads."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self._seed = seed
        self._lock = threading.Lock()
        self._live: list[_Live] = []
        self._unsaved = False
        self.reload()

    def reload(self) -> None:
        """Read the rules and their committed counts from the store."""
        rows = self._store.rows("SELECT id, rule, seen, used FROM faults ORDER BY id")
        with self._lock:
            self._live = [
                _Live(row["id"], Rule.model_validate_json(row["rule"]), row["seen"], row["used"])
                for row in rows
            ]

    def add(self, rules: list[Rule]) -> None:
        """Add rules after the rules in force."""
        with self._store.transaction() as connection:
            for rule in rules:
                connection.execute("INSERT INTO faults (rule) VALUES (?)", (rule.model_dump_json(),))
        self.reload()

    def clear(self) -> None:
        """Delete all rules."""
        self._store.execute("DELETE FROM faults")
        self.reload()

    def effects_for(self, on: On, facts: Mapping[str, str], key: str = "") -> dict[str, Any]:
        """Returns the effects of all rules on one event; empty when no rule applies. Updates the counts."""
        effects: dict[str, Any] = {}
        with self._lock:
            for live in self._live:
                if live.rule.on != on:
                    continue
                self._unsaved = True
                if live.applies(facts, self._seed, key):
                    effects |= live.rule.effect.model_dump(exclude_none=True)
        return effects

    def save(self, connection: Connection) -> None:
        """Write the counts of the rules, in the transaction of the event that changed them."""
        with self._lock:
            if not self._unsaved:
                return
            self._unsaved = False
            connection.executemany(
                "UPDATE faults SET seen = ?, used = ? WHERE id = ?",
                [(live.seen, live.used, live.number) for live in self._live],
            )

    def listed(self) -> list[dict[str, Any]]:
        """The rules in force, with their counts: [{id, rule, seen, used}]."""
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
