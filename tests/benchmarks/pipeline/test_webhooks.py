"""How long content waits once its job has ended: with events of Azure OpenAI, and with polling alone.

The whole app on one machine under the default intervals of polling; jobs end at different moments between two
looks. When a job has ended is asked of the emulator's ledger, ten times a second.

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_webhooks.py
"""

import sys
import time
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest

from tests.end_to_end.conftest import Machine, running_machine

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

# Seconds that the jobs take, one a category: spread over the first pause between two looks.
JOB_SECONDS = (4, 9, 14, 19, 24, 29, 34, 39, 44, 49)
# Those of docs/settings.md; the local runtime has shorter ones.
DEFAULTS = {"POLL_INITIAL_SECONDS": "60", "POLL_MAX_SECONDS": "900"}
_LOOK_SECONDS = 0.1
_MOST_SECONDS = 240


def stored_at(machine: Machine, batch_id: str) -> float:
    record = machine.request("GET", f"/api/v1/batch/status/{batch_id}").json()["batch"]
    return datetime.fromisoformat(record["completed_at"]).timestamp()


def delays(machine: Machine, catalogue: Path) -> list[float]:
    """Seconds from the end of each job to the moment at which its batch's content was stored."""
    names = [f"Kind {seconds}" for seconds in JOB_SECONDS]
    rows = "sku,name,category\n" + "".join(f"{name},{name} thing,{name}\n" for name in names)
    catalogue.write_text(rows, encoding="utf-8")
    machine.client.import_file(catalogue)
    machine.faults(
        *(
            {"on": "job", "skip": number, "effect": {"job_seconds": seconds}}
            for number, seconds in enumerate(JOB_SECONDS)
        )
    )
    run_id = machine.client.pipeline(0, None)["run_id"]
    ended: dict[str, float] = {}
    until = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < until:
        for job in machine.ledger()["jobs"]:
            if job["status"] == "completed":
                ended.setdefault(job["metadata"]["batch_id"], time.time())
        batches = machine.client.run(run_id)["batches"]
        if len(batches) == len(names) and all(batch["status"] == "completed" for batch in batches):
            return sorted(
                stored_at(machine, batch["batch_id"]) - ended[batch["batch_id"]] for batch in batches
            )
        time.sleep(_LOOK_SECONDS)
    raise AssertionError("the batches do not end")


@pytest.mark.parametrize("webhooks", [True, False], ids=["webhooks", "polling"])
def test_from_the_end_of_a_job_to_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, webhooks: bool
) -> None:
    for name, value in DEFAULTS.items():
        monkeypatch.setenv(name, value)
    with running_machine(tmp_path, webhooks=webhooks) as machine:
        found = delays(machine, tmp_path / "catalogue.csv")
    sys.stderr.write(
        f"\n{'webhooks' if webhooks else 'polling '}: {len(found)} jobs; seconds from end to content: "
        f"shortest {found[0]:.1f}, median {median(found):.1f}, longest {found[-1]:.1f}\n"
    )
