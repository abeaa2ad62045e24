"""Two resources behind the whole app, one of which fails every job for a while; asked of both ledgers."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from local.network import free_ports
from local.settings import SECOND
from shared.content.locales import LOCALES
from shared.spreading import MOST_FAILURES
from tests.end_to_end.conftest import Json, Machine, running_machine
from tests.end_to_end.test_service import finished

CATEGORIES = ("Banjos", "Bassoons", "Bodhrans", "Bongos", "Bouzoukis", "Bugles", "Cellos", "Clarinets")
CATALOGUE = "sku,name,category,description\n" + "".join(
    f"S-{number},{category[:-1]} 1,{category},Made of maple.\n" for number, category in enumerate(CATEGORIES)
)
# Long enough for a run on a busy machine, short enough to wait for its end.
PAUSE_SECONDS = 25


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    [port] = free_ports(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPLOYMENT_PAUSE_SECONDS", str(PAUSE_SECONDS))
        patch.setenv("RETRY_DELAY_SECONDS", "1")
        folder = tmp_path_factory.mktemp("machine")
        with running_machine(folder, second_emulator_port=port) as made:
            path = folder / "catalogue.csv"
            path.write_text(CATALOGUE, encoding="utf-8")
            made.client.import_file(path)
            yield made


def test_one_that_fails_every_job_is_set_aside_and_used_again_when_it_is_well(machine: Machine) -> None:
    stumbles = {"fail_at": 0.0, "code": "internal_error", "message": "Stumbled."}
    machine.at_second.faults({"on": "job", "times": None, "effect": stumbles})
    before = where(machine.run(0))
    assert set(before) == {"default", SECOND}
    assert before[SECOND] >= MOST_FAILURES

    assert health(machine) == "1 set aside"
    [second] = [each for each in overview(machine)["deployments"] if each["name"] == SECOND]
    assert "Stumbled" in second["reason"]
    titles = [need["title"] for need in overview(machine)["needs"]]
    assert f"Deployment {SECOND} is set aside" in titles

    # What failed there is built for the other one, and all is stored that way.
    jobs = len(machine.at_second.ledger()["jobs"])
    assert where(machine.run(0)) == {"default": before[SECOND]}
    assert len(machine.at_second.ledger()["jobs"]) == jobs
    assert machine.client.products_status()["totals"] == {"completed": len(CATEGORIES)}
    assert answered(machine) == {name: {"default": len(LOCALES)} for name in names()}
    assert machine.at_second.ledger()["requests"]["charged"] == 0

    machine.at_second.no_faults()
    eventually_well(machine)
    anew = machine.request("POST", "/api/v1/products/regenerate", json={"product_ids": ids()})
    assert finished(machine, anew.headers["Location"], "requeueing")["products"] == len(CATEGORIES)
    after = where(machine.run(0))
    assert set(after) == {"default", SECOND}
    assert machine.client.products_status()["totals"] == {"completed": len(CATEGORIES)}
    by_name = answered(machine)
    assert {sum(times.values()) for times in by_name.values()} == {2 * len(LOCALES)}
    assert sum(times.get(SECOND, 0) for times in by_name.values()) == after[SECOND] * len(LOCALES)
    for resource in (machine, machine.at_second):
        ledger = resource.ledger()
        assert (ledger["files"]["present"], ledger["enqueued_tokens"]) == (0, 0)


def ids() -> list[str]:
    return [f"S-{number}" for number in range(len(CATEGORIES))]


def names() -> list[str]:
    return [f"{category[:-1]} 1" for category in CATEGORIES]


def where(run: Json) -> Counter[str]:
    """A run's batches by deployment."""
    return Counter(batch["deployment"] for batch in run["batches"])


def answered(machine: Machine) -> dict[str, dict[str, int]]:
    """How many locales of each product each resource has answered and charged for."""
    found: dict[str, dict[str, int]] = {name: {} for name in names()}
    for deployment, resource in (("default", machine), (SECOND, machine.at_second)):
        for name, locales in resource.ledger()["products"].items():
            found[name][deployment] = sum(locales.values())
    return found


def overview(machine: Machine) -> Json:
    return dict(machine.request("GET", "/api/v1/dashboard/overview").json())


def health(machine: Machine) -> str:
    return str(machine.request("GET", "/api/v1/health", key=None).json()["checks"]["deployments"])


def eventually_well(machine: Machine) -> None:
    until = time.monotonic() + 2 * PAUSE_SECONDS
    while health(machine) != "ok":
        assert time.monotonic() < until, "it stays set aside"
        time.sleep(0.5)
