"""The scenarios that faults strike in. Together they go through every step of the app.

Each takes a fresh name and works on products and categories of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from local.openai_emulator import Effect, Rule
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.ids import category_slug
from shared.domain.states import BatchStatus
from tests.faults.harness.points import Fault, Point
from tests.faults.harness.shop import Shop
from tests.faults.harness.worker import Lost

LOCALES = ("en-GB", "de-DE")
# What batches call the further deployment, where there is one.
SECOND = "second"
Times = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Names:
    """The products and categories of one playing of a scenario."""

    seed: str
    wide: bool = False

    @property
    def products(self) -> list[str]:
        return [f"{self.seed}-{number}" for number in range(3 if self.wide else 2)]

    @property
    def categories(self) -> list[str]:
        return [category_slug(f"Kind {self.seed} {letter}") for letter in ("ab" if self.wide else "a")]

    def rows(self, **changes: dict[str, str]) -> list[dict[str, str]]:
        """Catalogue rows, the last product in the second category; changes by `p0`, `p1`, `p2`."""
        return [
            {
                "sku": product_id,
                "name": f"Ardena {product_id}",
                "category": f"Kind {self.seed} {'a' if number < 2 else 'b'}",
                "description": "Mahogany body, maple neck.",
                **changes.get(f"p{number}", {}),
            }
            for number, product_id in enumerate(self.products)
        ]

    def once(self, **more: Iterable[str]) -> Times:
        """Every locale is answered once, and the named locales of `p0`, … twice."""
        return {
            f"Ardena {product_id}": {locale: 1 + (locale in more.get(f"p{number}", ())) for locale in LOCALES}
            for number, product_id in enumerate(self.products)
        }


@dataclass(frozen=True)
class Scenario:
    """What happens `before` the faults, the `act` that they strike, and how often each locale is answered."""

    name: str
    before: Callable[[Shop, Names], None]
    act: Callable[[Shop, Names], None]
    times: Callable[[Names], Times] = lambda names: names.once()
    # Three products in two categories, where two in one will do for others.
    wide: bool = False


def _nothing(shop: Shop, names: Names) -> None:
    """Prepare nothing."""


def imported(shop: Shop, names: Names) -> None:
    shop.import_rows(f"import-{names.seed}", names.rows())
    shop.settle_down()


def play_run(shop: Shop, names: Names, number: int = 1, **changes: Any) -> None:
    shop.run(f"run-{names.seed}-{number}", names.categories, **changes)
    shop.settle_down()


def _all(shop: Shop, names: Names) -> None:
    imported(shop, names)
    play_run(shop, names)


def _create_goes_wrong(drop: str) -> Callable[[Shop, Names], None]:
    def before(shop: Shop, names: Names) -> None:
        imported(shop, names)
        shop.world.emulator.faults(Rule(on="batches.create", effect=Effect.model_validate({"drop": drop})))

    return before


def _key_refused(shop: Shop, names: Names) -> None:
    """The key is refused at the first calls of each kind, and accepted later."""
    imported(shop, names)
    refused = Effect(status=401, code="401", message="Access denied.")
    for call in ("files.create", "batches.create", "batches.retrieve", "files.content", "files.delete"):
        shop.world.emulator.faults(Rule(on=call, effect=refused, times=2))


def _import_that_fails(shop: Shop, names: Names) -> None:
    """An import whose orchestration has failed too often."""
    shop.import_rows(f"import-{names.seed}-0", names.rows())


def _given_up_and_seen(shop: Shop, names: Names) -> None:
    shop.fail_import(f"import-{names.seed}-0")
    shop.see(f"import-{names.seed}-0")
    _all(shop, names)


def _changes(shop: Shop, names: Names) -> None:
    changed = {"description": "Alder body, rosewood fingerboard."}
    moved = {"category": f"Kind {names.seed} b"}
    shop.import_rows(f"import-{names.seed}-2", names.rows(p0=changed, p1=moved))
    shop.settle_down()
    shop.requeue(
        f"requeue-{names.seed}",
        product_ids=[names.products[2]],
        locales=["de-DE"],
        categories=[names.categories[1]],
    )
    shop.settle_down()
    play_run(shop, names, 2)


def _cancelled(shop: Shop, names: Names) -> None:
    shop.held = True
    play_run(shop, names)
    shop.held = False
    shop.world.emulator.advance(30)
    request_cancels(shop)
    shop.settle_down()
    shop.world.emulator.advance(2 * 3600)  # what was not answered is due again after the delay of a retry
    play_run(shop, names, 2)


def request_cancels(shop: Shop) -> None:
    def request(batch: OpenAIBatch) -> OpenAIBatch:
        if batch.status == BatchStatus.INGESTING:
            return batch
        return batch.model_copy(update={"cancel_requested_at": utcnow()})

    for batch_id in shop.services.batches.open_ids():
        shop.services.batches.modify(batch_id, request)


def _left_behind(shop: Shop, names: Names) -> None:
    """One batch ended without freeing its products. The other was created and never submitted."""
    imported(shop, names)
    play_run(shop, names, submit=False)
    [stuck] = shop.services.batches.page(
        10, keep=lambda b: b.category == names.categories[0] and not b.status.is_terminal
    )
    ended = {"status": BatchStatus.CANCELLED, "completed_at": utcnow(), "request_count": 0}
    shop.services.batches.modify(stuck.batch_id, lambda batch: batch.model_copy(update=ended))
    shop.world.emulator.advance(31 * 86400)


def _cleaned_up(shop: Shop, names: Names) -> None:
    shop.clean_up()
    shop.settle_down()
    play_run(shop, names, 2)


def _half_built(shop: Shop, names: Names) -> None:
    """The worker was killed just before it committed the file, and the run's tries are used up."""
    imported(shop, names)
    shop.injector.targets = {Point("prepare", "commit block list input", 1, True): Fault.KILL_BEFORE}
    run_id = f"run-{names.seed}-1"
    shop.run(run_id, names.categories)
    try:
        shop.prepare_once(run_id, names.categories[0])
    except Lost:
        return
    raise AssertionError("the file was built")


def _given_up(shop: Shop, names: Names) -> None:
    shop.leave(f"run-{names.seed}-1", ["the file could not be built"])
    play_run(shop, names, 2)


def _run_failed(shop: Shop, names: Names) -> None:
    """The orchestration of the run has failed too often: its build is given up, and the next run goes on."""
    shop.fail_run(f"run-{names.seed}-1")
    shop.settle_down()
    play_run(shop, names, 2)


def _about_to_stumble(shop: Shop, names: Names) -> None:
    """The second deployment fails its next job as a whole, before anything is answered."""
    imported(shop, names)
    fails = Effect(fail_at=0.0, code="internal_error", message="Stumbled.")
    shop.world.emulator.faults(Rule(on="job", match={"deployment": SECOND}, effect=fails))


def _stumbled(shop: Shop, names: Names) -> None:
    play_run(shop, names)
    shop.world.emulator.advance(2 * 3600)
    play_run(shop, names, 2)


SCENARIOS = (
    Scenario("import and run", _nothing, _all),
    Scenario("create answered to nobody", _create_goes_wrong("after"), play_run),
    Scenario("create that never arrived", _create_goes_wrong("before"), play_run),
    Scenario(
        "change, move and regenerate",
        _all,
        _changes,
        lambda names: names.once(p0=LOCALES, p1=LOCALES, p2=["de-DE"]),
        wide=True,
    ),
    Scenario("cancel half way", imported, _cancelled),
    Scenario("clean-up", _left_behind, _cleaned_up, wide=True),
    Scenario("a build given up", _half_built, _given_up),
    Scenario("a run given up", _half_built, _run_failed),
    Scenario("a key that is refused, then accepted", _key_refused, play_run),
    Scenario("an import given up, and seen", _import_that_fails, _given_up_and_seen),
)
# Where there are two deployments: one fails a batch as a whole, which is noted and counts no try.
STUMBLE = Scenario("a job that fails as a whole", _about_to_stumble, _stumbled)
