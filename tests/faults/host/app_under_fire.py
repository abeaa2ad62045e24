"""The app of the processes that are killed: it notes each activity's beginning and end in a file.

A line is written by one `write` to a file opened for appending, so a kill leaves whole lines or none.
"""

import os
import time
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=50, max_number_of_attempts=3)
WIDTH, GENERATIONS = 10, 3


def _note(line: str) -> None:
    file = os.open(os.environ["FIRE_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


@app.activity_trigger(input_name="value")
def work(value: str) -> str:
    _note(f"began {value}")
    time.sleep(0.03)
    _note(f"ended {value}")
    return f"done {value}"


@app.activity_trigger(input_name="value")
def work_at_the_second_try(value: str) -> str:
    """Fails until a note says that it has failed, so a kill in between makes it fail once more."""
    with open(os.environ["FIRE_LEDGER"]) as ledger:  # noqa: PTH123 - the path is a setting
        if f"failed {value}\n" not in ledger.readlines():
            _note(f"failed {value}")
            raise ConnectionError(value)
    _note(f"ended {value}")
    return f"done {value}"


@app.orchestration_trigger(context_name="context")
def campaign(context: df.DurableOrchestrationContext) -> Any:
    """Generations of a fan-out, a timer, a retry and a child. Output: how many results, and the last."""
    state = context.get_input()
    name, generation = context.instance_id, state["generation"]
    keys = [f"{name}/{generation}/{n}" for n in range(WIDTH)]
    results = yield context.task_all([context.call_activity("work", key) for key in keys])
    yield context.create_timer(context.current_utc_datetime + timedelta(milliseconds=20))
    retried = yield context.call_activity_with_retry(
        "work_at_the_second_try", RETRY, f"{name}/{generation}/retried"
    )
    child = yield context.call_sub_orchestrator("skirmish", f"{name}/{generation}/child")
    total = state["total"] + len(results) + len([retried, child])
    if generation + 1 < GENERATIONS:
        context.continue_as_new({"generation": generation + 1, "total": total})
        return None
    return {"total": total, "last": child}


@app.orchestration_trigger(context_name="context")
def skirmish(context: df.DurableOrchestrationContext) -> Any:
    result = yield context.call_activity("work", context.get_input())
    return result
