"""The limit on restarts: an orchestration that fails again and again is not started for ever.

A batch at the limit is left to a person, because it may hold a job that costs money. Its count starts again
whenever the batch changes state. Imports, tasks and runs at the limit fail, and their records say why. The
count of a run starts again with every check that succeeds.
"""

from typing import TypeVar

from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.run import ImportReport, Run
from shared.domain.states import RunStatus, TaskStatus
from shared.domain.task import Export, Requeueing
from shared.services import Services

MAX_RESTARTS = 10
_LOG = "The app's log shows why the step failed"


Record = TypeVar("Record", ImportReport, Requeueing, Export, Run)


Task = TypeVar("Task", Requeueing, Export)


def count_restart(batch: OpenAIBatch) -> OpenAIBatch:
    """Return the batch with one more restart counted. The last allowed restart sets `needs_attention`."""
    restarts = batch.restarts + 1 if batch.restarted_as == batch.status else 1
    reason = None
    if restarts >= MAX_RESTARTS:
        reason = (
            f"Its lifecycle was started {restarts} times while the batch was {batch.status}, without any "
            f"progress. {_LOG}. Processing it now, or cancelling it, starts the lifecycle again."
        )
    update = {"restarts": restarts, "restarted_as": batch.status, "needs_attention": reason}
    return batch.model_copy(update=update)


def reset_restarts(batch: OpenAIBatch) -> OpenAIBatch:
    """Return the batch with its restart count cleared, after a person has acted on it."""
    return batch.model_copy(update={"restarts": 0, "restarted_as": None, "needs_attention": None})


def counted(record: Record) -> Record:
    """Return an import, a task or a run with one more restart counted. A record that has ended stays."""
    if record.status.is_terminal:
        return record
    return record.model_copy(update={"restarts": record.restarts + 1})


def failed_import(report: ImportReport) -> ImportReport:
    """Return an import at the limit as failed."""
    return _failed(report, TaskStatus.FAILED, "Correct the file or the cause, and import it again.")


def failed_task(task: Task) -> Task:
    """Return a task at the limit as failed."""
    return _failed(task, TaskStatus.FAILED, "What it has done stays. Correct the cause, and start it again.")


def fail_run(services: Services, run_id: str) -> Run:
    """Fail a run at the limit, and let other runs prepare. Returns its record.

    Batches that it has built continue by themselves. The reconciler cancels those that are being built.
    """
    advice = "Its batches continue by themselves; the next run takes the other products."
    failed = services.runs.modify(run_id, lambda run: _failed(run, RunStatus.FAILED, advice))
    services.runs.unlock(run_id)
    return failed


def _failed(record: Record, status: TaskStatus | RunStatus, advice: str) -> Record:
    if record.status.is_terminal:
        return record
    message = (
        f"Its orchestration was started {record.restarts} times and failed each time, while it was "
        f"{record.status}. {_LOG}. {advice}"
    )
    return record.model_copy(update={"status": status, "error_message": message, "completed_at": utcnow()})
