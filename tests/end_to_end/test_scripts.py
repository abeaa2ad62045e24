"""The scripts as an operator runs them: processes of their own, against a running app."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from typer.testing import CliRunner

from local.local_settings import API_KEY, READ_API_KEY
from local.network import free_ports
from local.processes import ROOT
from scripts.run_batch_processing import app
from tests.end_to_end.conftest import Json, Machine

CATEGORIES = ("Pianos", "Flutes", "Harps", "Fiddles", "Drums", "Kazoos", "Gongs")
ROWS = "sku,name,brand,category\n" + "".join(
    f"{category[:3].upper()}-{n},{category} [bold]{n}[/bold],Veskar,{category}\n"
    for category in CATEGORIES
    for n in range(3)
)
BATCHES = "run_batch_processing"
PREVIEWS = "test_azure_openai_batch"
PIANOS = (
    "--action", "pipeline", "--category", "Pianos", "--category-limit", "2", "--idempotency-key", "night-1",
)  # fmt: skip


class Ran(NamedTuple):
    """How a script ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Starts scripts in a folder of their own, with the address and the key in the environment."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.folder = folder

    def start(
        self, *words: str, script: str = BATCHES, key: str | None = API_KEY, **environment: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / f"{script}.py"), *words],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if name not in ("API_KEY", "BASE_URL")},
                "BASE_URL": self.machine.settings.base_url,
                **({"API_KEY": key} if key else {}),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **options: Any) -> Ran:
        return finish(self.start(*words, **options))

    def run_all(self, calls: list[tuple[str, ...]], **options: Any) -> list[Ran]:
        """Several at a time: most of a script's second is spent on imports."""
        return list(map(finish, [self.start(*words, **options) for words in calls]))


def finish(process: subprocess.Popen[str]) -> Ran:
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    assert API_KEY not in out + err
    return Ran(process.returncode, out, err)


@pytest.fixture(scope="module")
def shell(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The scripts, and a catalogue of three products in each of a few categories."""
    shell = Shell(machine, tmp_path_factory.mktemp("operator"))
    (shell.folder / "catalogue.csv").write_text(ROWS, encoding="utf-8")
    first = shell.run("--action", "import", "--file", "catalogue.csv", "--json")
    assert (first.code, first.json["created"], first.err) == (0, 3 * len(CATEGORIES), "")
    return shell


@pytest.fixture(scope="module")
def pianos(shell: Shell) -> Ran:
    """Two pianos brought up to date."""
    return shell.run(*PIANOS)


@pytest.fixture
def fault(machine: Machine) -> Iterator[Callable[..., None]]:
    """Rules of the emulator for one test."""
    yield machine.faults
    url = f"http://127.0.0.1:{machine.settings.emulator_port}/emulator/faults"
    requests.delete(url, timeout=30).raise_for_status()


def created(shell: Shell, category: str) -> str:
    """A created batch of one product."""
    made = shell.run("--action", "create", "--category", category, "--category-limit", "1", "--json")
    assert made.code == 0, made.err
    [batch] = made.json["batches"]
    assert batch["status"] == "created"
    return str(batch["batch_id"])


def test_import_again_changes_nothing_and_bad_rows_are_named(shell: Shell) -> None:
    (shell.folder / "bad_rows.csv").write_text("sku,name,msrp_price\nX-1,Good,1\n,No sku,2\n", "utf-8")
    (shell.folder / "latin.csv").write_bytes("sku,name\nX-2,Flöte\n".encode("latin-1"))
    (shell.folder / "empty.csv").touch()
    (shell.folder / "sheet.xlsx").write_bytes(b"x")
    again, bad_rows, latin, empty, sheet, absent = shell.run_all(
        [
            ("--action", "import", "--file", name)
            for name in ("catalogue.csv", "bad_rows.csv", "latin.csv", "empty.csv", "sheet.xlsx", "no.csv")
        ]
    )
    assert again.code == 0
    assert "21 rows: 0 created, 0 updated, 21 unchanged, 0 doubled, 0 rejected" in again.out
    assert bad_rows.code == 1
    assert "1 created" in bad_rows.out
    assert "line 3 sku" in bad_rows.out
    assert latin.code == 1
    assert "not UTF-8" in latin.out
    assert (empty.code, sheet.code, absent.code) == (2, 2, 2)
    assert "empty.csv is empty" in empty.err
    assert ".jsonl" in sheet.err
    assert "There is no file no.csv" in absent.err


def test_a_file_beyond_the_body_limit_goes_by_a_signed_address(shell: Shell) -> None:
    row = '[{"sku": "BIG-1", "name": "Carillon", "category": "Bells"}'
    (shell.folder / "large.json").write_text(row + " " * (91 * 1024 * 1024) + "]", encoding="utf-8")
    done = shell.run("--action", "import", "--file", "large.json", "--json")
    assert done.code == 0, done.err
    assert (done.json["created"], done.json["blob"].split("/")[0]) == (1, "uploads")
    assert "sig=" not in done.out + done.err
    found = shell.run("--action", "status", "--import-id", done.json["import_id"], "--json")
    assert found.json == done.json


def test_a_full_feed_says_what_it_discontinued(shell: Shell) -> None:
    kept = ROWS.replace("GON-2,Gongs [bold]2[/bold],Veskar,Gongs\n", "")
    (shell.folder / "full.csv").write_text(kept, encoding="utf-8")
    done = shell.run("--action", "import", "--file", "full.csv", "--full-feed")
    assert done.code == 0, done.out + done.err
    assert "discontinued" in done.out
    page = shell.machine.request("GET", "/api/v1/products?category=gongs").json()["products"]
    assert {product["product_id"] for product in page if product["discontinued_at"]} == {"GON-2"}


def test_a_pipeline_is_followed_to_its_end_and_a_key_never_starts_a_second_run(
    shell: Shell, pianos: Ran
) -> None:
    assert pianos.code == 0, pianos.err
    assert "completed" in pianos.out
    assert "│ pianos   │        2 │" in pianos.out
    again, other, nothing = shell.run_all(
        [
            (*PIANOS, "--json"),
            (*PIANOS, "--brand", "Veskar"),
            ("--action", "pipeline", "--product-id", "PIA-0", "--locale", "de-DE"),
        ]
    )
    run = again.json["run"]
    assert (again.code, run["run_id"] in pianos.out, run["product_count"]) == (0, True, 2)
    assert run["counts"]["by_outcome"] == {"stored": 2}
    assert (other.code, "idempotency_key_reused" in other.err) == (2, True)
    assert "Leave --idempotency-key out" in other.err
    assert (nothing.code, "Nothing was due" in nothing.out) == (0, True)
    look, watch, as_json = shell.run_all(
        [("--action", "status", "--run-id", run["run_id"], *more) for more in ((), ("--watch",), ("--json",))]
    )
    assert (look.code, watch.code, as_json.json) == (0, 0, again.json)
    assert run["run_id"] in look.out


def test_what_failed_is_exit_code_1(shell: Shell, fault: Callable[..., None]) -> None:
    fault({"on": "request", "times": None, "effect": {"refusal": True}})
    done = shell.run("--action", "pipeline", "--category", "kazoos", "--category-limit", "1", "--json")
    assert done.code == 1, done.out
    assert done.json["run"]["counts"]["by_outcome"] == {"refused": 1}


def test_a_batch_step_by_step(shell: Shell) -> None:
    batch_id = created(shell, "Flutes")
    status, early, no_output, lines, listed = shell.run_all(
        [
            ("--action", "status", "--batch-id", batch_id),
            ("--action", "process", "--batch-id", batch_id),
            ("--action", "file", "--batch-id", batch_id),
            ("--action", "file", "--batch-id", batch_id, "--kind", "input", "--file", "in.jsonl", "--json"),
            ("--action", "list", "--status", "created", "--json"),
        ]
    )
    assert status.code == 0
    assert f"--action submit --batch-id {batch_id}" in status.out
    assert (early.code, "submit it first" in early.err, early.out) == (1, True, "")
    assert (no_output.code, "no output lines" in no_output.out) == (1, True)
    assert lines.code == 0
    assert lines.json["bytes"] == (shell.folder / "in.jsonl").stat().st_size
    assert len((shell.folder / "in.jsonl").read_text().splitlines()) == 1
    assert batch_id in {batch["batch_id"] for batch in listed.json["batches"]}

    submitted = shell.run("--action", "submit", "--batch-id", batch_id, "--watch", "--json")
    assert submitted.code == 0, submitted.err
    assert submitted.json["status"] == "completed"
    again, processed, watched, cancelled, output = shell.run_all(
        [
            ("--action", "submit", "--batch-id", batch_id),
            ("--action", "process", "--batch-id", batch_id, "--json"),
            ("--action", "status", "--batch-id", batch_id, "--watch"),
            ("--action", "cancel", "--batch-id", batch_id),
            ("--action", "file", "--batch-id", batch_id),
        ]
    )
    assert (again.code, "only once" in again.err) == (1, True)
    assert "See where it stands" in again.err
    assert (processed.code, processed.json["status"]) == (0, "completed")
    assert (watched.code, "1 of 1 requests" in watched.out) == (0, True)
    assert (cancelled.code, "wrong_state" in cancelled.err) == (1, True)
    assert output.code == 0
    assert len((shell.folder / f"{batch_id}-output.jsonl").read_text().splitlines()) == 1


def test_a_created_batch_can_be_cancelled(shell: Shell) -> None:
    batch_id = created(shell, "Harps")
    done = shell.run("--action", "cancel", "--batch-id", batch_id, "--watch", "--json")
    assert (done.code, done.json["status"]) == (0, "cancelled")
    again, status = shell.run_all(
        [("--action", action, "--batch-id", batch_id) for action in ("cancel", "status")]
    )
    assert again.code == 1
    assert status.code == 1, "a batch that ended without its results is no success"


def test_a_test_batch_says_how_to_look_at_it(shell: Shell) -> None:
    done, page = shell.run("--action", "test", "--category", "harps", "--category-limit", "1"), None
    assert done.code == 0, done.err
    assert "Nothing was sent yet" in done.out
    command = next(line for line in done.out.splitlines() if "--kind input" in line)
    assert (
        subprocess.run(
            shlex.split(command),
            cwd=shell.folder,
            env={**os.environ, "API_KEY": API_KEY},
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    page, runs = shell.run_all(
        [("--action", "list", "--limit", "1"), ("--action", "list", "--runs", "--limit", "1", "--json")]
    )
    assert "--after" in page.out
    assert (runs.json["runs"][0]["trigger"], runs.json["runs"][0]["product_count"]) == ("test", 1)


@pytest.mark.usefixtures("pianos")
def test_regenerating_makes_products_wait_once(shell: Shell) -> None:
    words = ("--action", "regenerate", "--product-id", "PIA-1", "--locale", "en-US")
    done = shell.run(*words)
    assert (done.code, done.out.startswith("1 products wait")) == (0, True), done.out + done.err
    assert "--action pipeline" in done.out
    again, by_outcome, unknown, nothing, wrong = shell.run_all(
        [
            (*words, "--json"),
            ("--action", "regenerate", "--category", "pianos", "--outcome", "expired"),
            ("--action", "regenerate", "--product-id", "nope"),
            (
                "--action",
                "regenerate",
            ),
            ("--action", "regenerate", "--outcome", "nope"),
        ]
    )
    assert (again.code, again.json["status"]) == (0, "completed")
    assert (by_outcome.code, "Nothing fits" in by_outcome.out) == (0, True)
    assert (unknown.code, nothing.code, wrong.code) == (2, 2, 2)
    assert "--action import brings products in" in unknown.err


@pytest.mark.parametrize(
    "calls",
    [
        {
            ("--action", "dance"): "is not one of",
            ("--action", "pipeline", "--batch-id", "x"): "--batch-id does not go with --action pipeline",
            ("--action", "status", "--batch-id", "nope"): "--action list shows the batches",
            ("--action", "status", "--run-id", "../x", "--watch"): "--action list --runs shows the runs",
            ("--action", "status", "--import-id", "nope"): "There is no import 'nope'",
            ("--action", "file", "--batch-id", "nope"): "There is no batch 'nope'",
            ("--action", "cancel", "--batch-id", "nope"): "There is no batch 'nope'",
            ("--action", "process", "--batch-id", "nope"): "There is no batch 'nope'",
        },
        {
            ("--action", "pipeline", "--category-limit", "-1"): "from 0 to 1000000",
            ("--action", "create", "--category", "Violas"): "Known: ",
            ("--action", "create", "--locale", "xx-XX"): "en-GB",
            ("--action", "test", "--category-limit", "51"): "from 1 to 50",
            ("--action", "list", "--limit", "0"): "from 1 to 500",
            ("--action", "list", "--status", "lost"): "in_progress",
            ("--action", "list", "--base-url", "localhost"): "it is something like http://",
            ("--action", "list", "--api-key", "wrong"): "Give one of the app's API_KEYS",
        },
    ],
    ids=["unknown", "refused"],
)
def test_what_the_caller_got_wrong_is_exit_code_2_and_says_what_to_do(
    shell: Shell, calls: dict[tuple[str, ...], str]
) -> None:
    # In this process, over the same HTTP: a table of processes would be a minute of imports.
    environment = {"BASE_URL": shell.machine.settings.base_url, "API_KEY": API_KEY}
    for words, said in calls.items():
        ran = CliRunner().invoke(app, words, env=environment)
        assert (ran.exit_code, ran.stdout) == (2, ""), words
        assert said in ran.stderr, words


def test_a_key_that_reads_may_look_and_not_start(shell: Shell) -> None:
    looked, refused = shell.run_all(
        [("--action", "status", "--json"), ("--action", "pipeline", "--category-limit", "1")],
        key=READ_API_KEY,
    )
    assert looked.code == 0
    assert {category["name"] for category in looked.json["categories"]} >= set(CATEGORIES)
    assert (refused.code, "Give a key of API_KEYS" in refused.err) == (2, True)
    assert READ_API_KEY not in refused.err
    nobody = shell.run("--action", "list", key=None)
    assert nobody.code == 2


def test_a_service_out_of_reach_is_exit_code_3(shell: Shell) -> None:
    [port] = free_ports(1)
    calls = [
        ("--action", "list"),
        ("--action", "pipeline", "--json"),
        ("--action", "import", "--file", "catalogue.csv"),
        ("--action", "status", "--run-id", "x", "--watch"),
    ]
    nobody = shell.run_all(calls, BASE_URL=f"http://127.0.0.1:{port}")
    nobody += shell.run_all([("--single",)], script=PREVIEWS, BASE_URL=f"http://127.0.0.1:{port}")
    another = shell.run_all([calls[0]], BASE_URL=f"http://127.0.0.1:{shell.machine.settings.emulator_port}")
    assert [(ran.code, ran.out) for ran in nobody + another] == [(3, "")] * 6
    assert all("make serve" in ran.err for ran in nobody)
    assert "not as this API does" in another[0].err


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Children heed SIGINT, also where the tests run in a shell's background, which ignores it for them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_leaves_the_run_going_and_says_how_to_come_back(
    shell: Shell, fault: Callable[..., None]
) -> None:
    # Far longer than it takes to press Ctrl+C on a busy machine.
    fault({"on": "job", "times": None, "effect": {"job_seconds": 12}})
    words = ("--action", "pipeline", "--category", "fiddles", "--category-limit", "1", "--api-key", API_KEY)
    # As on a terminal: its first bar says that it has heard of the start, and watches.
    process = shell.start(*words, key=None, FORCE_COLOR="1")
    _read_until(process, "fiddles")
    process.send_signal(signal.SIGINT)
    stopped = finish(process)
    run = _running(shell.machine, "fiddles")
    assert (stopped.code, stopped.out.count("Run ")) == (130, 0)
    assert f"Run {run['run_id']} goes on without you" in stopped.err
    command = stopped.err.strip().splitlines()[-1].strip()
    assert '--api-key "$API_KEY"' in command
    back = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=shell.folder,
        env={**os.environ, "API_KEY": API_KEY},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert back.returncode == 0, back.stderr
    assert run["run_id"] in back.stdout
    assert [job["status"] for job in shell.machine.ledger()["jobs"]].count("cancelled") == 0


def _read_until(process: subprocess.Popen[str], word: str) -> None:
    """Take what a process says on stderr, up to a word."""
    assert process.stderr is not None
    said = ""
    while word not in said:
        letter = process.stderr.read(1)
        assert letter, f"it ended without {word!r}: {said}"
        said += letter


def _running(machine: Machine, category: str) -> Json:
    """The run on a category, once it runs."""
    for _ in range(200):
        for run in machine.request("GET", "/api/v1/runs?status=running").json()["runs"]:
            if run["categories"] == [category]:
                return dict(run)
        time.sleep(0.1)
    raise AssertionError(f"no run on {category} came to run")


def test_previews_are_kept_and_counted_by_category(shell: Shell, fault: Callable[..., None]) -> None:
    single, two = shell.run_all(
        [
            ("--single", "--locale", "de-DE"),
            ("--products-per-category", "2", "--category", "pianos", "--category", "gongs", "--json"),
        ],
        script=PREVIEWS,
    )
    assert single.code == 0, single.err
    assert "100%" in single.out
    assert (two.code, two.json["products"], two.json["passed"]) == (0, 4, 4)
    folder = shell.folder / two.json["folder"]
    assert folder.parent == shell.folder / "test_results"
    kept = sorted(folder.rglob("*.json"))
    assert len(kept) == 5
    answer = json.loads(next(path for path in kept if path.stem == "PIA-0").read_text(encoding="utf-8"))
    assert answer["answer"]["locales"]["en-US"]["content"]["basic_info"]

    fault({"on": "chat.completions", "times": 1, "effect": {"broken_json": True}})
    failed, key, absent, usage = (
        shell.run(*words, script=PREVIEWS, key=key)
        for words, key in (
            (("--category", "pianos", "--products-per-category", "2", "--parallel", "1"), API_KEY),
            (("--single",), READ_API_KEY),
            (("--category", "Violas"), API_KEY),
            (("--products-per-category", "0"), API_KEY),
        )
    )
    assert failed.code == 1
    assert "FAILED  pianos  PIA-0: en-US invalid_json" in failed.out
    assert "50%" in failed.out
    assert (key.code, "forbidden" in key.err) == (2, True)
    assert (absent.code, "no product to try" in absent.err) == (1, True)
    assert usage.code == 2


def doctor(shell: Shell, *words: str, **changes: str) -> subprocess.Popen[str]:
    environment = {**shell.machine.settings.app_environment(), **changes}
    (shell.folder / "none.json").write_text('{"Values": {}}')
    file = () if "--settings-file" in words else ("--settings-file", "none.json")
    return shell.start(*file, *words, "--json", script="doctor", **environment)


STORAGE = (
    "AccountName=devstoreaccount1;AccountKey=MDEy;"
    "BlobEndpoint=http://127.0.0.1:{0}/x;TableEndpoint=http://127.0.0.1:{0}/x"
)


def test_the_doctor_names_what_is_wrong_and_what_to_do(shell: Shell) -> None:
    [nobody] = map(str, free_ports(1))

    def further(name: str, **changes: str) -> dict[str, str]:
        emulator = f"http://127.0.0.1:{shell.machine.settings.emulator_port}"
        known = {"endpoint": emulator, "deployment": "gpt-41-batch", "key_variable": "OPENAI_API_KEY"}
        return {"name": name, **known, **changes}

    cases: list[tuple[subprocess.Popen[str], dict[str, str]]] = [
        (doctor(shell), {}),
        (
            doctor(shell, OPENAI_API_KEY="wrong-key", AzureWebJobsStorage=STORAGE.format(nobody)),
            {
                "blob storage": "network rules",
                "table storage": "network rules",
                "endpoint and key": "Copy OPENAI_API_KEY anew",
                "batch deployment": "skipped",
                "online deployment": "skipped",
            },
        ),
        (
            doctor(
                shell,
                AZURE_OPENAI_DEPLOYMENT_NAME="gpt-41-online",
                AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME="gpt-41-batch",
                NIGHTLY_SCHEDULE="0 0 25 * * *",
            ),
            {
                "NIGHTLY_SCHEDULE": "six fields",
                "batch deployment": "must be a deployment of type GlobalBatch",
                "online deployment": "GlobalStandard",
            },
        ),
        (
            doctor(shell, AZURE_OPENAI_DEPLOYMENT_NAME="nope", AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME=""),
            {"batch deployment": "There is no deployment nope", "online deployment": "not set"},
        ),
        (
            doctor(shell, MORE_DEPLOYMENTS=json.dumps([further("well"), further("gone", deployment="nope")])),
            {"batch deployment of gone": "What gone needs stands in its entry of MORE_DEPLOYMENTS"},
        ),
        (
            doctor(
                shell, MORE_DEPLOYMENTS=json.dumps([further("away", endpoint=f"http://127.0.0.1:{nobody}")])
            ),
            {"endpoint and key of away": "nothing answers", "batch deployment of away": "skipped"},
        ),
    ]
    for process, expected in cases:
        ran = finish(process)
        assert ran.code == (1 if expected else 0), ran.out
        checks = {check["name"]: check for check in ran.json}
        further_ones = [name for name in checks if " of " in name]
        assert len(checks) - len(further_ones) == 11
        assert len(further_ones) == 2 * len({name.split(" of ")[1] for name in further_ones})
        for name, said in expected.items():
            assert said in " ".join(map(str, checks[name].values())), checks[name]
        assert {check["state"] for name, check in checks.items() if name not in expected} == {"ok"}
        assert "wrong-key" not in ran.out + ran.err
        assert "MDEy" not in ran.out + ran.err
    ledger = shell.machine.ledger()
    jobs = [job for job in ledger["jobs"] if job["metadata"]["batch_id"].startswith("doctor-")]
    assert len(jobs) == 7
    assert not [job for job in jobs if job["status"] in ("validating", "in_progress")]
    assert not [name for name in _files(shell.machine) if name.startswith("doctor-")]


def _files(machine: Machine) -> list[str]:
    url = f"http://127.0.0.1:{machine.settings.emulator_port}/openai/v1/files"
    answer = requests.get(url, headers={"api-key": "emulator-key"}, timeout=30).json()
    return [str(file["filename"]) for file in answer["data"]]


def test_an_estimate_shows_what_a_run_would_cost(shell: Shell) -> None:
    dry, people, programs, bad = shell.run_all(
        [
            ("--action", "pipeline", "--category", "kazoos", "--dry-run", "--idempotency-key", "never"),
            ("--action", "estimate", "--category", "kazoos"),
            ("--action", "estimate", "--category", "kazoos", "--json"),
            ("--action", "estimate", "--idempotency-key", "x"),
        ]
    )
    assert (dry.code, dry.out) == (people.code, people.out)
    assert (people.code, "nothing was started" in people.out, "kazoos" in people.out) == (0, True, True)
    assert (programs.code, set(programs.json["total"]) >= {"requests", "cost", "most_cost"}) == (0, True)
    assert (bad.code, "does not go with" in bad.err) == (2, True)
