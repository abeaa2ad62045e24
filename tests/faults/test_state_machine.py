"""Random commands over imports, claims and batches, with kills in between, against what must always hold.

Hypothesis shrinks what fails to the few commands that matter. After each run of commands everything is
brought to its end, and the ledger is asked.
"""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.domain.states import BatchStatus, ProductStatus
from shared.persistence import batch_files
from tests.faults.harness.matrix import worlds
from tests.faults.harness.points import Fault, Point
from tests.faults.harness.scenarios import LOCALES, Names, request_cancels
from tests.faults.harness.shop import Shop

_HOUR = 3600
PRODUCTS = st.sampled_from(range(3))
# Calls at which a worker is killed; those that a step does not come by are passed without harm.
PLACES = st.sampled_from(
    [
        ("import", "create content claim"),
        ("import", "update content claim"),
        ("import", "submit transaction products marker/row"),
        ("prepare", "update content claim"),
        ("prepare", "submit transaction products marker/row"),
        ("prepare", "commit block list manifest"),
        ("leave run", "submit transaction runs row"),
        ("submit", "submit transaction batches row"),
        ("submit", "Azure OpenAI POST /files"),
        ("submit", "Azure OpenAI POST /batches"),
        ("check", "submit transaction batches row"),
        ("stage", "commit block list results/output"),
        ("ingest", "submit transaction content candidate/published"),
        ("settle", "submit transaction products row"),
        ("settle", "update content claim"),
        ("settle", "Azure OpenAI DELETE /files/<file>"),
        ("settle", "submit transaction batches marker/row"),
        ("requeue", "submit transaction products marker/row"),
        ("clean-up", "update content claim"),
    ]
)


class ShopMachine(RuleBasedStateMachine):
    """One shop with three products in two categories."""

    connection = ""

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        made: Iterator[object] = self.stack.enter_context(worlds(self.connection, f"h{uuid.uuid4().hex[:8]}"))
        self.shop = Shop(next(made))  # type: ignore[arg-type]
        self.names = Names("k", wide=True)
        self.rows = self.names.rows()
        self.number = 0
        self.asked = dict.fromkeys(self.names.products, 1)
        self.import_all()

    @rule()
    def import_all(self) -> None:
        self.shop.import_rows(f"import-{self.next()}", self.rows)
        self.work()

    @rule(which=PRODUCTS)
    def change(self, which: int) -> None:
        self.rows[which] = {**self.rows[which], "description": f"Body number {self.next()}."}
        self.asked[self.names.products[which]] += 1
        self.import_all()

    @rule(which=PRODUCTS, letter=st.sampled_from("ab"))
    def move(self, which: int, letter: str) -> None:
        self.rows[which] = {**self.rows[which], "category": f"Kind k {letter}"}
        self.asked[self.names.products[which]] += 1
        self.import_all()

    @rule(submit=st.booleans(), limit=st.sampled_from([0, 1]))
    def run_them(self, submit: bool, limit: int) -> None:
        self.shop.run(f"run-{self.next()}", self.names.categories, submit=submit, category_limit=limit)
        self.work()

    @rule(which=PRODUCTS)
    def requeue(self, which: int) -> None:
        product_id = self.names.products[which]
        claim = self.shop.services.contents.claim(product_id)
        assert claim is not None
        self.asked[product_id] += 1
        self.shop.requeue(f"requeue-{self.next()}", product_ids=[product_id], categories=[claim.category])
        self.work()

    @rule(place=PLACES, after=st.booleans(), number=st.sampled_from([1, 2]))
    def kill_next_time(self, place: tuple[str, str], after: bool, number: int) -> None:
        point = Point(*place, number=number, writes=True)
        fault = Fault.KILL_AFTER if after else Fault.KILL_BEFORE
        self.shop.injector.expect(point, fault)

    @rule(hold=st.booleans())
    def hold_checks(self, hold: bool) -> None:
        """Whether lifecycles stop at their submitted jobs, so that other commands meet open batches."""
        self.shop.held = hold

    @rule()
    def cancel_all(self) -> None:
        request_cancels(self.shop)
        self.work()

    @rule(hours=st.sampled_from([1, 12, 60]))
    def wait(self, hours: int) -> None:
        self.shop.world.emulator.advance(hours * _HOUR)
        self.work()

    @rule()
    def clean_up(self) -> None:
        self.shop.clean_up()
        self.work()

    @invariant()
    def no_product_is_in_two_jobs(self) -> None:
        """Batches that may have a job share no product that they both hold."""
        held: set[str] = set()
        for batch in self.shop.services.batches.page(100):
            if batch.status in (BatchStatus.SUBMITTING, BatchStatus.IN_PROGRESS):
                manifest = batch_files.read_manifest(self.shop.services.blobs, batch.filename)
                sent = {line.product_id for line in manifest.values()}
                assert not held & sent, f"{held & sent} are in two jobs"
                held |= sent

    @invariant()
    def nothing_is_answered_more_often_than_asked(self) -> None:
        for name, by_locale in self.shop.world.emulator.ledger()["products"].items():
            for times in by_locale.values():
                assert times <= self.asked[name.removeprefix("Ardena ")], f"{name}: {by_locale}"

    @invariant()
    def outcomes_add_up_and_answers_are_stored(self) -> None:
        jobs = self.shop.world.emulator.ledger()["jobs"]
        for batch in self.shop.services.batches.page(100):
            if not batch.status.is_terminal or not batch.request_count:
                continue
            assert batch.counts.total == batch.request_count
            answered = [
                j["requests_completed"] for j in jobs if j["metadata"] == {"batch_id": batch.batch_id}
            ]
            assert batch.counts.stored == sum(answered)

    def teardown(self) -> None:
        """Bring everything to its end: all products complete, one row each, no claim, nothing left over."""
        if not hasattr(self, "shop"):
            return
        with self.stack:
            self.shop.held = False
            self.import_all()
            request_cancels(self.shop)
            self.shop.settle_down()
            for _ in range(2):
                self.shop.world.emulator.advance(60 * _HOUR)
                self.run_them(submit=True, limit=0)
            self.no_product_is_in_two_jobs()
            self.nothing_is_answered_more_often_than_asked()
            self.outcomes_add_up_and_answers_are_stored()
            services = self.shop.services
            assert self.shop.world.emulator.ledger()["files"]["present"] == 0
            assert services.batches.open_ids() == []
            for product_id, row in zip(self.names.products, self.rows, strict=True):
                claim = services.contents.claim(product_id)
                assert claim is not None
                assert (claim.batch_id, claim.moving) == (None, None)
                found = [services.products.get(category, product_id) for category in self.names.categories]
                [stored] = [one for one in found if one is not None]
                assert stored.product.category_name == row["category"]
                assert stored.product.openai_processing_status == ProductStatus.COMPLETED
                assert {item.locale for item in services.contents.served(product_id).published} == set(
                    LOCALES
                )

    def next(self) -> int:
        self.number += 1
        return self.number

    def work(self) -> None:
        """Let the reconciler come by until nothing is to be done."""
        self.shop.settle_down()


def test_random_commands(azurite: str) -> None:
    machine = type("Machine", (ShopMachine,), {"connection": azurite})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
