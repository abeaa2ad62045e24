"""Two resources behind the whole app, one of which fails every job for a while; asked of both ledgers."""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from local.local_settings import SECOND
from local.network import free_ports
from shared.capacity import deployment_balancer
from shared.capacity.deployment_balancer import MOST_FAILURES, DeploymentHealth
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.persistence.entity_codec import decode, encode
from shared.persistence.storage_account import StorageAccount
from tests.end_to_end.browsing import visit
from tests.end_to_end.conftest import Json, Machine, running_machine
from tests.end_to_end.test_service import finished

CATEGORIES = ("Banjos", "Bassoons", "Bodhrans", "Bongos", "Bouzoukis", "Bugles", "Cellos", "Clarinets")
CATALOGUE = "sku,name,category,description\n" + "".join(
    f"S-{number},{category[:-1]} 1,{category},Made of maple.\n" for number, category in enumerate(CATEGORIES)
)
NAMES = [f"{category[:-1]} 1" for category in CATEGORIES]
IDS = [f"S-{number}" for number in range(len(CATEGORIES))]
SET_ASIDE = f"Deployment {SECOND} is set aside"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    [port] = free_ports(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETRY_DELAY_SECONDS", "1")
        folder = tmp_path_factory.mktemp("machine")
        with running_machine(folder, second_emulator_port=port) as made:
            path = folder / "catalogue.csv"
            path.write_text(CATALOGUE, encoding="utf-8")
            made.client.import_file(path)
            yield made


@pytest.fixture(scope="module")
def stumbled(machine: Machine) -> Counter[str]:
    """Where the batches of a run went while the second resource failed every job."""
    stumbles = {"fail_at": 0.0, "code": "internal_error", "message": "Stumbled."}
    machine.at_second.faults({"on": "job", "times": None, "effect": stumbles})
    return where(machine.run(0))


def test_one_that_fails_every_job_is_set_aside_and_health_and_the_overview_say_so(
    machine: Machine, stumbled: Counter[str]
) -> None:
    assert set(stumbled) == {"default", SECOND}
    assert stumbled[SECOND] >= MOST_FAILURES
    assert health(machine) == "1 set aside"
    overview = machine.request("GET", "/api/v1/dashboard/overview").json()
    first, second = overview["deployments"]
    assert (first["name"], first["set_aside_until"]) == ("default", None)
    assert (second["name"], "Stumbled" in second["reason"]) == (SECOND, True)
    assert SET_ASIDE in [need["title"] for need in overview["needs"]]


@pytest.mark.usefixtures("stumbled")
def test_the_dashboard_says_so(chromium: Browser, machine: Machine) -> None:
    with visit(chromium, machine) as visitor:
        visitor.enter()
        expect(visitor.section("What needs me")).to_contain_text(SET_ASIDE)
        expect(visitor.section("Runs and batches")).to_contain_text(f"at {SECOND}")
        money = visitor.section("Money and quota")
        expect(money).to_contain_text(f"Files at {SECOND}")
        expect(money).to_contain_text(f"{SECOND} is set aside")
        assert not visitor.problems


def test_what_failed_there_is_stored_by_way_of_the_other(machine: Machine, stumbled: Counter[str]) -> None:
    jobs = len(machine.at_second.ledger()["jobs"])
    assert where(machine.run(0)) == {"default": stumbled[SECOND]}
    assert len(machine.at_second.ledger()["jobs"]) == jobs
    assert machine.client.products_status()["totals"] == {"completed": len(CATEGORIES)}
    assert answered(machine) == {name: {"default": len(LOCALES)} for name in NAMES}


def test_it_is_used_again_when_the_pause_is_over(machine: Machine) -> None:
    machine.at_second.no_faults()
    end_pause(machine)
    assert health(machine) == "ok"
    before = answered(machine)
    again = machine.request("POST", "/api/v1/products/regenerate", json={"product_ids": IDS})
    assert finished(machine, again.headers["Location"], "requeueing")["products"] == len(CATEGORIES)
    batches = where(machine.run(0))
    assert set(batches) == {"default", SECOND}
    assert machine.client.products_status()["totals"] == {"completed": len(CATEGORIES)}
    times = answered(machine)
    paid = {name: sum(times[name].values()) - sum(before[name].values()) for name in NAMES}
    assert paid == dict.fromkeys(NAMES, len(LOCALES))
    assert sum(found.get(SECOND, 0) for found in times.values()) == batches[SECOND] * len(LOCALES)
    for resource in (machine, machine.at_second):
        ledger = resource.ledger()
        assert (ledger["files"]["present"], ledger["enqueued_tokens"]) == (0, 0)


def where(run: Json) -> Counter[str]:
    """A run's batches by deployment."""
    return Counter(batch["deployment"] for batch in run["batches"])


def answered(machine: Machine) -> dict[str, dict[str, int]]:
    """How many locales of each product each resource has answered and charged for."""
    found: dict[str, dict[str, int]] = {name: {} for name in NAMES}
    for deployment, resource in (("default", machine), (SECOND, machine.at_second)):
        for name, locales in resource.ledger()["products"].items():
            found[name][deployment] = sum(locales.values())
    return found


def health(machine: Machine) -> str:
    return str(machine.request("GET", "/api/v1/health", key=None).json()["checks"]["deployments"])


def end_pause(machine: Machine) -> None:
    """Let the pause end now, by its stored end: the test does not wait for the clock."""
    table = StorageAccount(machine.services.settings).table("reservations")
    row = table.get(deployment_balancer._PARTITION, SECOND)
    assert row is not None
    over = decode(DeploymentHealth, row).model_copy(update={"set_aside_until": utcnow()})
    table.upsert(encode(deployment_balancer._PARTITION, SECOND, over))
