"""Recorded histories: their format, and the program that records those of this host again.

    python -m tests.unit.host.recorded

The histories "written from the reference" are written by hand in the format of the real host. The program
does not change them.
"""

import functools
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from local.host.functions import Functions, load
from local.host.history import Event
from orchestrators import batch_lifecycle, catalogue_import, generation_run
from shared.workflow.names import lifecycle_input
from tests.unit.host.hosting import Hosted, on_host

FOLDER = Path(__file__).parent / "histories"


@dataclass(frozen=True)
class Recording:
    """A history, and the other values that the extension passes to the SDK. `input`: the context's input."""

    about: str
    source: str
    orchestrator: str
    instance_id: str
    parent_instance_id: str | None
    input: Any
    history: list[Event]


def read(path: Path) -> Recording:
    return Recording(**json.loads(path.read_text(encoding="utf-8")))


app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (batch_lifecycle, generation_run, catalogue_import):
    app.register_functions(module.bp)


@app.orchestration_trigger(context_name="context")
def sampler(context: df.DurableOrchestrationContext) -> Any:
    """A fan-out, a child, an event against a long timer, and a failure that is caught."""
    doubled = yield context.task_all([context.call_activity("double", n) for n in (1, 2, 3)])
    child = yield context.call_sub_orchestrator("child", {"of": context.instance_id}, "the-child")
    context.set_custom_status("waiting")
    timer = context.create_timer(context.current_utc_datetime + timedelta(days=10))
    approved = context.wait_for_external_event("approved")
    first = yield context.task_any([timer, approved])
    try:
        yield context.call_activity("fail", str(context.new_guid()))
    except Exception as error:  # noqa: BLE001 - a failure's type does not survive
        return [
            doubled,
            child,
            "approved" if first is approved else "late",
            str(error).split("\n")[0].strip(),
        ]


@app.orchestration_trigger(context_name="context")
def child(context: df.DurableOrchestrationContext) -> Any:
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def continues(context: df.DurableOrchestrationContext) -> Any:
    doubled = yield context.call_activity("double", context.get_input())
    context.continue_as_new(doubled)


@app.activity_trigger(input_name="value")
def double(value: Any) -> Any:
    return value * 2


@app.activity_trigger(input_name="value")
def fail(value: str) -> None:  # noqa: ARG001
    raise ValueError("no luck")


def _stub(name: str, results: list[Any]) -> None:
    """Register an activity that returns one result after another, and raises those that are exceptions."""
    remaining = iter(results)

    def activity(value: Any) -> Any:  # noqa: ARG001
        result = next(remaining)
        if isinstance(result, Exception):
            raise result
        return result

    activity.__name__ = name
    app.activity_trigger(input_name="value", activity=name)(activity)


_stub("submit_batch", [ConnectionError("no Azure today"), {"next": "check_batch", "wait_seconds": 60}])
_stub(
    "check_batch",
    [{"next": "check_batch", "wait_seconds": 60}] * 3 + [{"next": "stage_results", "wait_seconds": 0}],
)
_stub("stage_results", [3])
_stub("ingest_segment", [None] * 3)
_stub("settle_batch", ["completed"])
_stub(
    "prepare_batch",
    [{"batch_id": "b1", "more": True, "products": 5}, {"batch_id": "b2", "more": False, "products": 3}],
)
_stub("start_lifecycle", [True, ConnectionError("the host is busy"), True])
_stub("import_rows", [ConnectionError("lost"), ConnectionError("lost"), "completed"])

FUNCTIONS: Functions = load(f"{__name__}:app")


async def _approve(h: Hosted) -> None:
    await h.settle()
    await h.wait(days=4)
    await h.client.raise_event("sampler-1", "approved", True)
    await h.settle()


async def _wake(h: Hosted) -> None:
    await h.wait(seconds=100)
    await h.client.raise_event("batch-b", "wake", {})


async def _nothing(_: Hosted) -> None:
    """The orchestration ends by itself."""


_RECORDED: list[tuple[str, str, str, Any, Callable[[Hosted], Any]]] = [
    (
        "sampler",
        "sampler-1",
        "A fan-out, a child, an event before a long timer, a caught failure.",
        None,
        _approve,
    ),
    (
        "batch_lifecycle",
        "batch-b",
        "A batch whose first submit fails, that is polled, woken, staged, ingested and settled.",
        lifecycle_input("b"),
        _wake,
    ),
    (
        "catalogue_import",
        "import-i",
        "An import that is lost twice and tried again.",
        {"import_id": "i"},
        _nothing,
    ),
    (
        "prepare_category",
        "category-c",
        "A category of two batches, the second of which is started at the second try.",
        {"run_id": "r", "category": "guitars", "limit": 10, "submit": True},
        _nothing,
    ),
]


def main() -> None:
    """Record this host's histories."""
    for recorded in _RECORDED:
        with tempfile.TemporaryDirectory() as folder:
            on_host(FUNCTIONS, Path(folder), functools.partial(_record, *recorded))


async def _record(
    name: str, instance_id: str, about: str, payload: Any, drive: Callable[[Hosted], Any], h: Hosted
) -> None:
    await h.start(name, payload, instance_id)
    await drive(h)
    ended = await h.ended(instance_id)
    recording = Recording(
        about=about,
        source="recorded by this host",
        orchestrator=name,
        instance_id=instance_id,
        parent_instance_id=None,
        input=None if ended.input is None else json.loads(ended.input),
        history=h.history(instance_id),
    )
    text = json.dumps(asdict(recording), indent=1)
    # Tracebacks name files, whose folder differs between machines.
    text = text.replace(str(Path.cwd()), "/app")
    (FOLDER / f"host-{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
