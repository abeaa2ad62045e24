"""The shop's work, driven as the orchestrations and the reconciler drive it, through faults and restarts.

The tables hold what is to be done. `settle_down` starts what is open in them, and starts it again after every
failure, until nothing is open any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from activities import run_steps, task_steps
from shared.batching import run_preparation
from shared.batching.batch_submission import submit
from shared.batching.job_check import check
from shared.batching.preparation import prepare
from shared.catalogue.file_import import import_catalogue_file
from shared.domain.clock import utcnow
from shared.domain.run import ImportReport, Run
from shared.domain.task import Requeueing, TaskKind
from shared.domain.wait_reason import WaitReason
from shared.monitoring.cleanup import clean_up
from shared.monitoring.restart_limit import fail_run, failed_import
from shared.monitoring.seen import mark_seen
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.results.staging import stage
from shared.services import Services
from shared.workflow.names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.workflow.next_step import DONE, Step
from tests.faults.harness.worker import Lost, Worker
from triggers.timers.reconcile_timer import can_go_on, give_up_or_start

_MOST_ROUNDS = 12
_MOST_STEPS = 100
_STEPS = {SUBMIT_BATCH: submit, CHECK_BATCH: check}


@dataclass
class Shop(Worker):
    """A worker that does everything that is open in the tables."""

    # Batches whose lifecycle stops before it checks the job.
    held: bool = False
    _left: set[str] = field(default_factory=set)

    def import_rows(self, import_id: str, rows: Iterable[dict[str, Any]]) -> None:
        """Spool a file and store its record, as the HTTP trigger does."""
        blob = f"imports/{import_id}.jsonl"
        self.services.blobs.write(blob, (orjson.dumps(row) + b"\n" for row in rows))
        self.services.imports.create(
            ImportReport(import_id=import_id, format="jsonl", blob=blob, created_at=utcnow())
        )

    def run(self, run_id: str, categories: Iterable[str], **changes: Any) -> None:
        """Store the record of a run over some categories."""
        record = Run(run_id=run_id, categories=list(categories), created_at=utcnow())
        self.services.runs.create(record.model_copy(update=changes))

    def requeue(self, requeueing_id: str, **chosen: Any) -> None:
        """Store the record of a requeueing."""
        self.services.requeueings.create(
            Requeueing(requeueing_id=requeueing_id, created_at=utcnow(), **chosen)
        )

    def fail_run(self, run_id: str) -> None:
        """Fail a run at the limit of its restarts. Like the reconciler, leave one alone that has ended."""

        def fail() -> None:
            if not self.services.runs.get(run_id).status.is_terminal:
                self._once("fail run", fail_run, run_id)

        self._again(fail)

    def fail_import(self, import_id: str) -> None:
        """Fail an import at the limit of its restarts."""
        self._again(lambda: self._call("fail import", _fail_import, import_id))

    def clean_up(self) -> None:
        """Clean up, repeated until it succeeds."""
        self._again(lambda: self._call("clean-up", clean_up))

    def see(self, import_id: str) -> None:
        """Mark an import as seen, again until it gets through."""
        self._again(lambda: self._call("see import", _see_import, import_id))

    def leave(self, run_id: str, problems: list[str]) -> None:
        """End a run's preparing, again until it gets through."""
        self._again(lambda: self._call("leave run", run_preparation.leave, run_id, problems))

    def prepare_once(self, run_id: str, category: str) -> None:
        """One try at preparing a category.

        Raises:
            Lost: when it fails, or the process is killed.
        """
        self._once("enter run", run_preparation.enter, run_id)
        self._once("prepare", prepare, run_id, category, 0, 0)

    def settle_down(self) -> None:
        """Do what is open until nothing is."""
        self._again(self._reconcile)

    def _again(self, work: Callable[[], object]) -> None:
        for round_ in range(_MOST_ROUNDS):
            try:
                work()
            except Lost:
                # The locks and leases of a dead worker must have expired before the last round.
                self.world.emulator.advance(60 * 2**round_)
                continue
            return
        raise AssertionError(f"the work does not end: {self.messages}")

    def _reconcile(self) -> None:
        for import_id in self.services.imports.open_ids():
            self._call("import", import_catalogue_file, import_id)
        for requeueing_id in self.services.requeueings.open_ids():
            self._requeue(requeueing_id)
        for run_id in self.services.runs.open_ids():
            if run_id not in self._left:
                self._prepare(run_id)
        for batch_id in self.services.batches.open_ids():
            if self._call("reconcile", give_up_or_start, batch_id):
                self._lifecycle(batch_id)
        for run_id in self.services.runs.open_ids():
            self._call("check run", run_steps.check, run_id)

    def _requeue(self, task_id: str) -> None:
        after, count = "", 0
        kind = TaskKind.REQUEUEING
        while page := self._call("list requeued", task_steps.categories, kind, task_id, after):
            for category in page:
                count += self._call("requeue", task_steps.work, kind, task_id, category)
            after = page[-1]
        self._call("end requeueing", task_steps.finish, kind, task_id, count)

    def _prepare(self, run_id: str) -> None:
        while not self._call("enter run", run_preparation.enter, run_id):
            self.world.emulator.advance(60)
        after = ""
        while page := self._call("list categories", run_preparation.categories, run_id, after):
            for category in page:
                if not self._prepare_category(run_id, category):
                    return self._prepare(run_id)
            after = page[-1]
        self._call("leave run", run_preparation.leave, run_id, [])
        self._left.add(run_id)
        return None

    def _prepare_category(self, run_id: str, category: str) -> bool:
        """Prepare a category's batches; False when another run took the lock on preparing."""
        wanted = self.services.runs.get(run_id).category_limit
        for sequence in range(_MOST_STEPS):
            prepared = self._call("prepare", prepare, run_id, category, sequence, wanted)
            if prepared.get("lock_lost"):
                return False
            if not prepared["more"]:
                break
            wanted = wanted and wanted - prepared["products"]
        return True

    def _lifecycle(self, batch_id: str) -> None:
        step = Step(next=SUBMIT_BATCH, wait_seconds=0)
        for _ in range(_MOST_STEPS):
            if step["next"] == DONE or (self.held and step["next"] == CHECK_BATCH):
                return
            if not self._is_woken(batch_id):
                self.world.emulator.advance(step["wait_seconds"])
            if step["next"] == STAGE_RESULTS:
                for index in range(self._once("stage", stage, batch_id)):
                    self._once("ingest", ingest, batch_id, index)
                self._once("settle", settle, batch_id)
                return
            step = self._once(step["next"].split("_")[0], _STEPS[step["next"]], batch_id)
        raise AssertionError(f"batch {batch_id} does not end: {self.services.batches.get(batch_id)}")

    def _is_woken(self, batch_id: str) -> bool:
        """Whether the reconciler finds a batch that waits for access, and lets it try again."""
        if self.services.batches.get(batch_id).wait_kind != WaitReason.ACCESS:
            return False
        return batch_id in self._call("wake", _woken)

    def _start(self) -> None:
        """In a new process no orchestration runs yet."""
        self._left.clear()
        super()._start()


def _fail_import(services: Services, import_id: str) -> None:
    services.imports.modify(import_id, failed_import)


def _woken(services: Services) -> list[str]:
    return can_go_on(services, services.router.access.unreachable())


def _see_import(services: Services, import_id: str) -> None:
    mark_seen(services.imports, import_id)
