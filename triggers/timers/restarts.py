"""Restarting imports, tasks and runs whose orchestration has ended before the work did, up to a limit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import azure.durable_functions as df

from shared.domain.task import TaskKind
from shared.monitoring.notifications import notify
from shared.monitoring.restart_limit import MAX_RESTARTS, counted, fail_run, failed_import, failed_task
from shared.persistence.record_repository import RecordRepository
from shared.services import Services
from shared.workflow.names import import_instance, run_instance, task_instance
from triggers.start_work import start_import, start_run, start_task

_Status = df.OrchestrationRuntimeStatus
_RUNNING = (_Status.Running, _Status.Pending, _Status.ContinuedAsNew, _Status.Suspended)


@dataclass(frozen=True)
class Kind:
    """A kind of work: its records, the instance that drives a record, how to start it, and how to fail it.

    `start` takes the client and a record. `fail` takes a record's id and returns the failed record.
    """

    noun: str
    records: RecordRepository[Any]
    instance: Callable[[str], str]
    start: Callable[[df.DurableOrchestrationClient, Any], Awaitable[bool]]
    fail: Callable[[str], Any]


def kinds_of_work(services: Services) -> list[Kind]:
    """The kinds of work that are started again, in the order in which they are."""

    def task(kind: TaskKind, records: RecordRepository[Any], id_field: str) -> Kind:
        return Kind(
            noun=str(kind),
            records=records,
            instance=partial(task_instance, str(kind)),
            start=lambda client, record: start_task(client, kind, getattr(record, id_field)),
            fail=lambda record_id: records.modify(record_id, failed_task),
        )

    return [
        Kind(
            noun="import",
            records=services.imports,
            instance=import_instance,
            start=lambda client, record: start_import(client, record.import_id),
            fail=lambda record_id: services.imports.modify(record_id, failed_import),
        ),
        task(TaskKind.REQUEUEING, services.requeueings, "requeueing_id"),
        task(TaskKind.EXPORT, services.exports, "export_id"),
        Kind(
            noun="run",
            records=services.runs,
            instance=run_instance,
            start=lambda client, record: start_run(client, services, record),
            fail=partial(fail_run, services),
        ),
    ]


async def restart(
    client: df.DurableOrchestrationClient, services: Services, kind: Kind, record_id: str
) -> bool:
    """Start the orchestration of an open record unless it runs, and count it. Returns whether it was started.

    At the limit the record ends as failed instead, and is reported to NOTIFICATION_URL.
    """
    record = await asyncio.to_thread(kind.records.find, record_id)
    if record is None or record.status.is_terminal:
        return False
    if record.restarts >= MAX_RESTARTS and not await _is_running(client, kind.instance(record_id)):
        failed = await asyncio.to_thread(kind.fail, record_id)
        logging.error("%s %s failed: %s", kind.noun, record_id, failed.error_message)
        message = failed.error_message or ""
        facts = {f"{kind.noun}_id": record_id}
        await asyncio.to_thread(notify, services.settings, f"{kind.noun}_failed", message, **facts)
        return False
    if not await kind.start(client, record):
        return False
    await asyncio.to_thread(kind.records.modify, record_id, counted)
    return True


async def _is_running(client: df.DurableOrchestrationClient, instance_id: str) -> bool:
    status = await client.get_status(instance_id)
    return status is not None and status.runtime_status in _RUNNING
