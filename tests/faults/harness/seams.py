"""Clients of tables, blobs and Azure OpenAI that fail at the injector's points.

The app is unchanged: a `Process` makes its services over these clients. After a kill, every call of any of
its threads raises `Killed`.
"""

import re
from collections.abc import Callable
from typing import Any
from unittest import mock

from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

from shared.composition import make_services
from shared.config.settings import Settings
from shared.persistence.storage_account import TABLES, StorageAccount
from shared.persistence.table import Table
from shared.results import segment_ingestion
from shared.services import Services
from tests.faults.harness.points import SERVICE_KILLS, STATUS, Fault, Injector, Killed
from tests.faults.harness.remote_seams import openai_client

_TABLE_WRITES = ("create_entity", "upsert_entity", "update_entity", "delete_entity", "submit_transaction")
_TABLE_READS = ("get_entity", "query_entities")
_BLOB_WRITES = ("stage_block", "commit_block_list", "delete_blob")
_BLOB_READS = ("exists", "download_blob", "get_blob_properties", "list_blobs")


class Process:
    """One process of the app, with services of its own. A killed process stays dead."""

    def __init__(self, settings: Settings, account: StorageAccount, injector: Injector) -> None:
        self.dead = False
        self._injector = injector
        segment_ingestion._manifest.cache_clear()
        with (
            mock.patch("shared.composition.StorageAccount", return_value=_Account(self, account)),
            mock.patch(
                "shared.openai_batch.remote_batches.make_client", lambda given: openai_client(self, given)
            ),
            mock.patch(
                "shared.openai_batch.chat_client.make_client", lambda given: openai_client(self, given)
            ),
        ):
            self.services: Services = make_services(settings)

    def meet(
        self, call: str, writes: bool, carry_out: Callable[[], Any], fail: Callable[[Fault], Any]
    ) -> Any:
        """Carry out a call, or raise the fault of its point.

        Raises:
            Killed: when the process is killed here, or was killed before.
        """
        self._alive()
        fault = self._injector.strike(call, writes)
        if fault is None:
            answer = carry_out()
            self._alive()
            return answer
        if fault == Fault.KILL_BEFORE:
            self._die()
        if fault == Fault.TWICE:
            self._injector.again()
            return carry_out()
        if fault in SERVICE_KILLS:
            if writes:
                carry_out()
            self._injector.kill_service(fault)
            return fail(Fault.DROPPED if writes else Fault.TIME_OUT)
        if fault.carries_out:
            carry_out()
        if fault == Fault.KILL_AFTER:
            self._die()
        return carry_out() if fault == Fault.REPEATED else fail(fault)

    def _die(self) -> None:
        self.dead = True
        raise Killed

    def _alive(self) -> None:
        if self.dead:
            raise Killed


class _Account:
    """A storage account whose tables and container fail on demand."""

    def __init__(self, process: Process, real: StorageAccount) -> None:
        self.signer = real.signer
        self.container: Any = _Client(process, real.container, "blob", _BLOB_READS, _BLOB_WRITES)
        self._tables = {
            name: Table(_Client(process, real.table(name)._client, name, _TABLE_READS, _TABLE_WRITES))  # type: ignore[arg-type]
            for name in TABLES
        }

    def table(self, name: str) -> Table:
        return self._tables[name]


class _Client:
    """A storage client of the SDK whose calls meet faults."""

    def __init__(
        self, process: Process, real: Any, room: str, reads: tuple[str, ...], writes: tuple[str, ...]
    ) -> None:
        self._process, self._real, self._room = process, real, room
        self._reads, self._writes = reads, writes

    def get_blob_client(self, name: str) -> "_Client":
        return _Client(
            self._process, self._real.get_blob_client(name), _kind_of(name), self._reads, self._writes
        )

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in self._reads + self._writes:
            return real

        def call(*arguments: Any, **options: Any) -> Any:
            point = f"{name.replace('_entity', '').replace('_', ' ')} {self._room}{_row(name, arguments)}"
            return self._process.meet(
                point, name in self._writes, lambda: real(*arguments, **options), _storage_error
            )

        return call


def _row(name: str, arguments: tuple[Any, ...]) -> str:
    """The kind of row or blob that a call is about, without ids."""
    if name == "submit_transaction":
        rows = [operation[1]["RowKey"] for operation in arguments[0]]
    elif name in ("create_entity", "upsert_entity", "update_entity"):
        rows = [arguments[0]["RowKey"]]
    elif name in ("get_entity", "delete_entity"):
        rows = [arguments[1]]
    elif name in ("download_blob", "delete_blob") and arguments and isinstance(arguments[0], str):
        return f" {_kind_of(arguments[0])}"
    else:
        return ""
    kinds = {"marker" if row.startswith("~") else row.split("~")[0] if "~" in row else row for row in rows}
    return f" {'/'.join(sorted(kind if kind in _ROWS else 'row' for kind in kinds))}"


_ROWS = ("marker", "claim", "candidate", "published", "preparation")


def _kind_of(blob: str) -> str:
    """`outcomes/output` of `batches/<id>/outcomes/output-00001.jsonl`; `<job>/…` of what Azure wrote."""
    parts = blob.rsplit(".", 1)[0].split("/")
    kept = {"batches": parts[2:], "imports": parts[:1]}.get(parts[0], ["<job>", *parts[1:]])
    return re.sub(r"-[0-9a-f]+$", "", "/".join(kept))


def _storage_error(fault: Fault) -> Any:
    if fault in STATUS:
        response = mock.Mock(
            status_code=STATUS[fault],
            reason="a fault",
            headers={},
            spec=["status_code", "reason", "headers"],
        )
        error = HttpResponseError(f"storage answers {STATUS[fault]}")
        error.status_code, error.response = STATUS[fault], response
        raise error
    if fault in (Fault.ACCEPTED_TIME_OUT, Fault.DROPPED):
        raise ServiceResponseError("the answer did not come")
    raise ServiceRequestError("the request timed out")
