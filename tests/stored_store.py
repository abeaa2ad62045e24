"""A small store with one row and blob of each kind that the app writes, and how its fixtures are regenerated.

`stored/store-v<version>.tar.gz` is a backup of a store that was written in that version of the stored data.
`stored/rows-v<version>.json` shows its rows and lines, one of each kind. Those of an older version are never
written again. To make those of the current version:

    python -m tests.stored_store
"""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from activities import task_steps
from local.azurite import Ports, command, connection_string
from local.network import free_ports, listens
from local.openai_emulator.faults import Effect, Rule
from local.processes import Processes
from shared.capacity.deployment_balancer import DeploymentBalancer
from shared.capacity.rate_limiter import RateLimiter
from shared.catalogue.file_import import import_catalogue_file
from shared.config.deployments import Deployment
from shared.domain.clock import utcnow
from shared.domain.run import ImportReport
from shared.domain.states import JobStatus
from shared.domain.stored import STORE_VERSION
from shared.domain.task import Export, Requeueing, TaskKind
from shared.persistence.storage_account import StorageAccount
from shared.persistence.store_archive import read_archive
from shared.persistence.store_backup import back_up
from tests.conftest import make_settings
from tests.world import CATEGORY, World, make_world

FOLDER = Path(__file__).parent / "stored"
CATALOGUE = Path(__file__).parent.parent / "samples" / "catalogue.csv"
# Header and four electric guitars, the first record without a second line.
_LINES = 5
_LINES_OF = re.compile(r"\b(manifest|outcomes|exports)\b")
LOCALES = ("en-GB", "de-DE")


def archive_of(version: int) -> Path:
    """The backup of a store that was written in this version of the stored data."""
    return FOLDER / f"store-v{version}.tar.gz"


def rows_of(version: int) -> dict[str, Any]:
    """One row or line of each kind in this version of the stored data, in the form of `row_json`."""
    found: dict[str, Any] = orjson.loads((FOLDER / f"rows-v{version}.json").read_bytes())
    return found


def fill(world: World) -> None:
    """Use the app until every kind of row and blob is there."""
    services = world.services
    _import(world)
    # The first product's German text is rejected, the second's is refused; the rest is stored.
    world.emulator.faults(
        Rule(on="request", match={"custom_id": "000000-1"}, effect=Effect(invented_number=True), times=None),
        Rule(on="request", match={"custom_id": "000001-1"}, effect=Effect(refusal=True), times=None),
    )
    world.run(3)
    services.runs.claim_key("a key of the caller", "{}", "run-1")
    _tasks(world)
    services.audit_log.record("key 1a2b3c4d", "run_pipeline", "run-1")
    services.audit_log.timer_ran("clean-up", "nothing to do")
    _fail_a_deployment(world)
    RateLimiter(StorageAccount(world.settings).table("reservations"), "online", 60).take(0)
    # A run that is under way, with a batch that waits to be submitted.
    world.prepare(1)


def _import(world: World) -> None:
    with CATALOGUE.open("rb") as lines:
        content = b"".join(line for _, line in zip(range(_LINES), lines, strict=False))
    world.services.blobs.write("imports/i-1.csv", [content + b",no name,,,,,,,,,,,\n"])
    report = ImportReport(import_id="i-1", format="csv", blob="imports/i-1.csv", created_at=utcnow())
    world.services.imports.create(report)
    import_catalogue_file(world.services, "i-1")


def _fail_a_deployment(world: World) -> None:
    other = Deployment(
        name="sweden", endpoint="http://127.0.0.1:9", deployment="d", key_variable="OPENAI_API_KEY_S"
    )
    settings = world.settings.model_copy(update={"more_deployments": (other,)})
    table = StorageAccount(world.settings).table("reservations")
    failed = {"job_status": JobStatus.FAILED, "job_error": "server_error"}
    ended = world.services.batches.page(1)[0].model_copy(update=failed)
    DeploymentBalancer(settings, table, world.services.batches).note(ended)


def _tasks(world: World) -> None:
    services = world.services
    services.exports.create(Export(export_id="e-1", created_at=utcnow()))
    count = task_steps.work(services, TaskKind.EXPORT, "e-1", CATEGORY)
    task_steps.finish(services, TaskKind.EXPORT, "e-1", count)
    services.requeueings.create(Requeueing(requeueing_id="q-1", brand="nobody", created_at=utcnow()))
    task_steps.finish(services, TaskKind.REQUEUEING, "q-1", 0)


def main() -> None:
    """Write the archive of the current version of the stored data."""
    ports = Ports(*free_ports(3))
    with tempfile.TemporaryDirectory() as folder, Processes(Path(folder)) as processes:
        processes.start("azurite", command(ports, None), os.environ, lambda: all(map(listens, ports)))
        storage = SecretStr(connection_string(ports))
        settings = make_settings(
            storage_connection_string=storage, locales=LOCALES, table_prefix="s", blob_container="stored"
        )
        with (
            make_world(settings, Path(folder) / "data") as world,
            archive_of(STORE_VERSION).open("wb") as file,
        ):
            fill(world)
            back_up(StorageAccount(world.settings), file)
        rows = orjson.dumps(_largest(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (FOLDER / f"rows-v{STORE_VERSION}.json").write_bytes(rows)


def _largest() -> dict[str, Any]:
    """By kind, the largest row or line: it has a value in most fields."""
    found: dict[str, Any] = {}
    for kind, row in _kinds():
        found[kind] = max(found.get(kind, {}), row, key=lambda each: len(orjson.dumps(each)))
    return found


def _kinds() -> Iterator[tuple[str, Any]]:
    """The rows and lines of the current archive, each with its kind."""
    with archive_of(STORE_VERSION).open("rb") as file, read_archive(file) as members:
        for name, content in members:
            room, _, rest = name.partition("/")
            if room == "tables":
                for line in content:
                    row = orjson.loads(line)
                    yield _kind(rest.partition("/")[0], row["PartitionKey"], row["RowKey"]), row
            elif found := _LINES_OF.search(name):
                yield f"line of {found[1]}", orjson.loads(next(iter(content)))


def _kind(table: str, partition: str, key: str) -> str:
    """The kind of a row, by its keys: the parts of them that are the same for all rows of the kind."""
    fixed = {"products": "", "content": "", "summaries": "", "runs": partition, "reservations": partition}
    room = re.sub(r"-\d[\d-]*$|-run-.*|-gpt.*", "", fixed.get(table, partition))
    row = re.match(r"~open~|~q|~|[a-z]+~(facts~)?|claim$|facts$|total$", key)
    return " ".join(filter(None, (table, room, row[0] if row else "")))


if __name__ == "__main__":
    main()
