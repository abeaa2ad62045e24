"""The shop's work, driven as the orchestrations and the reconciler drive it, through faults and restarts.

What is to be done stands in the tables; `settle_down` looks there, starts what is open, and does so again
after every failure until nothing is open any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
from azure.core.exceptions import AzureError

from activities import category_tasks as task_steps
from activities import runs as run_steps
from activities.check_batch import check
from activities.ending import BuildLost
from activities.import_rows import import_catalogue_file
from activities.ingest_segment import ingest
from activities.prepare_batch import prepare
from activities.settle_batch import settle
from activities.stage_results import stage
from activities.submit_batch import LeaseLost, submit
from shared.catalogue.importer import KeepsChanging
from shared.clock import utcnow
from shared.function_names import CHECK_BATCH, STAGE_RESULTS, SUBMIT_BATCH
from shared.housekeeping import clean_up
from shared.models.run import ImportReport, Run
from shared.models.task import Requeueing, TaskKind
from shared.openai_batch.remote import RemoteError
from shared.services import Services
from shared.steps import DONE, Step
from shared.storage.accounts import StorageAccount
from shared.storage.records import ConcurrentChange
from tests.faults.harness.points import Injector, Killed
from tests.faults.harness.seams import Process
from tests.world import World
from triggers.timers.reconcile import _needs_lifecycle

# What a step may fail with when something around it goes wrong. Anything else is a bug, and ends the test.
_EXPECTED = (
    AzureError,
    httpx2.TransportError,
    RemoteError,
    LeaseLost,
    BuildLost,
    ConcurrentChange,
    KeepsChanging,
)
_TRIES = 3
_MOST_ROUNDS = 12
_MOST_STEPS = 100
_STEPS = {SUBMIT_BATCH: submit, CHECK_BATCH: check}


class Lost(Exception):
    """An orchestration came to its end by a failure or with its process; the reconciler starts it again."""


@dataclass
class Shop:
    """One app over a world's storage and emulator. A killed process is followed by another."""

    world: World
    injector: Injector = field(default_factory=Injector)
    # Batches whose lifecycle stops before it checks the job.
    held: bool = False
    said: list[str] = field(default_factory=list)
    _left: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._account = StorageAccount(self.world.settings)
        self._start()

    @property
    def services(self) -> Services:
        return self._process.services

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

    def clean_up(self) -> None:
        """The clean-up, again until it gets through."""
        self._again(lambda: self._call("clean-up", clean_up))

    def leave(self, run_id: str, problems: list[str]) -> None:
        """End a run's preparing, again until it gets through."""
        self._again(lambda: self._call("leave run", run_steps.leave, run_id, problems))

    def prepare_once(self, run_id: str, category: str) -> None:
        """One try at preparing a category.

        Raises:
            Lost: when it fails, or the process is killed.
        """
        self._once("enter run", run_steps.enter, run_id)
        self._once("prepare", prepare, run_id, category, 0, 0)

    def arm(self, injector: Injector) -> None:
        """From here on, this injector's faults; in a new process."""
        self.injector = injector
        self._start()

    def settle_down(self) -> None:
        """Do what is open until nothing is."""
        self._again(self._reconcile)

    def _again(self, work: Callable[[], object]) -> None:
        for round_ in range(_MOST_ROUNDS):
            try:
                work()
            except Lost:
                # Locks and leases of a dead worker run out before the reconciler comes by for the last time.
                self.world.emulator.advance(60 * 2**round_)
                continue
            return
        raise AssertionError(f"the work does not end: {self.said}")

    def _reconcile(self) -> None:
        for import_id in self.services.imports.open_ids():
            self._call("import", import_catalogue_file, import_id)
        for requeueing_id in self.services.requeueings.open_ids():
            self._requeue(requeueing_id)
        for run_id in self.services.runs.open_ids():
            if run_id not in self._left:
                self._prepare(run_id)
        for batch_id in self.services.batches.open_ids():
            batch = self.services.batches.get(batch_id)
            if _needs_lifecycle(self.services, batch):
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
        while not self._call("enter run", run_steps.enter, run_id):
            self.world.emulator.advance(60)
        after = ""
        while page := self._call("list categories", run_steps.categories, run_id, after):
            for category in page:
                self._prepare_category(run_id, category)
            after = page[-1]
        self._call("leave run", run_steps.leave, run_id, [])
        self._left.add(run_id)

    def _prepare_category(self, run_id: str, category: str) -> None:
        wanted = self.services.runs.get(run_id).category_limit
        for sequence in range(_MOST_STEPS):
            prepared = self._call("prepare", prepare, run_id, category, sequence, wanted)
            if not prepared["more"]:
                return
            wanted = wanted and wanted - prepared["products"]

    def _lifecycle(self, batch_id: str) -> None:
        said = Step(next=SUBMIT_BATCH, wait_seconds=0)
        for _ in range(_MOST_STEPS):
            if said["next"] == DONE or (self.held and said["next"] == CHECK_BATCH):
                return
            self.world.emulator.advance(said["wait_seconds"])
            if said["next"] == STAGE_RESULTS:
                for index in range(self._once("stage", stage, batch_id)):
                    self._once("ingest", ingest, batch_id, index)
                self._once("settle", settle, batch_id)
                return
            said = self._once(said["next"].split("_")[0], _STEPS[said["next"]], batch_id)
        raise AssertionError(f"batch {batch_id} does not end: {self.services.batches.get(batch_id)}")

    def _call(self, step: str, activity: Callable[..., Any], *arguments: Any) -> Any:
        """An activity that its orchestration tries again."""
        for _ in range(_TRIES - 1):
            try:
                return self._once(step, activity, *arguments)
            except Lost:
                self.world.emulator.advance(5)
        return self._once(step, activity, *arguments)

    def _once(self, step: str, activity: Callable[..., Any], *arguments: Any) -> Any:
        self.injector.step = step
        self.injector.again = lambda: self._second(step, activity, *arguments)
        try:
            return activity(self.services, *arguments)
        except Killed:
            self.said.append(f"{step}: killed")
            self._start()
            raise Lost from None
        except _EXPECTED as error:
            self.said.append(f"{step}: {type(error).__name__} {error}")
            raise Lost from error
        finally:
            self.injector.step = None

    def _second(self, step: str, activity: Callable[..., Any], *arguments: Any) -> None:
        """Another worker with the same activity, that comes when any lease of the first has run out."""
        self.injector.step = None
        self.world.emulator.advance(self.world.settings.submit_lease_seconds + 1)
        other = Process(self.world.settings, self._account, self.injector)
        try:
            activity(other.services, *arguments)
        except _EXPECTED as error:
            self.said.append(f"second {step}: {type(error).__name__} {error}")
        finally:
            self.injector.step = step

    def _start(self) -> None:
        """A new process, in which no orchestration runs yet."""
        self._left.clear()
        self._process = Process(self.world.settings, self._account, self.injector)
