"""Runs: start, estimate, watch. For the actions pipeline, create, test and estimate."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scripts.api_client import OPEN_RUN, new_key
from scripts.options import Action, Options
from scripts.report_tables import batch_table, estimate_table, run_table
from scripts.session import Interrupted, Session
from scripts.terminal import run_progress
from scripts.transport import AnswerLost

Json = dict[str, Any]

_PER_CATEGORY_OF_A_TEST = 5
_WITHOUT_RESULT = {"failed", "expired", "cancelled"}


def start(session: Session, options: Options) -> bool:
    """Start a run and watch it to its end."""
    key = options.idempotency_key or new_key()
    parameters: Json = {"category": options.category}
    if options.action == Action.TEST:
        limit = options.category_limit
        parameters["products_per_category"] = _PER_CATEGORY_OF_A_TEST if limit is None else limit
        what = "create-test"
    else:
        parameters |= _chosen(options)
        what = str(options.action)
    with _starting(key):
        run = session.client.start_run(what, parameters, key)
    return watch(session, run["run_id"], with_batches=options.action != Action.PIPELINE)


def estimate(session: Session, options: Options) -> bool:
    """Show what a pipeline with the same options would send and cost. Nothing is started."""
    answer = session.client.estimate({"category": options.category, **_chosen(options)})
    session.show(answer, estimate_table(answer))
    return True


def watch(session: Session, run_id: str, with_batches: bool = False) -> bool:
    """Follow a run to its end and show its outcome. `with_batches`: also show the batches it created."""
    with session.watching(f"Run {run_id}", f"--action status --run-id {run_id} --watch"):
        if session.as_json:
            answer = session.client.follow_run(run_id, lambda _: None)
        else:
            with run_progress() as progress:
                answer = session.client.follow_run(run_id, progress)
    _show(session, answer, with_batches)
    return succeeded(answer)


def look(session: Session, run_id: str) -> bool:
    """Show the current state of a run."""
    answer = session.client.run(run_id)
    _show(session, answer, with_batches=False)
    return succeeded(answer) or answer["run"]["status"] in OPEN_RUN


def succeeded(answer: Json) -> bool:
    """Whether a run has completed and everything that it sent was stored."""
    run = answer["run"]
    return (
        run["status"] == "completed"
        and set(run["counts"]["by_outcome"]) <= {"stored"}
        and not _WITHOUT_RESULT & {batch["status"] for batch in answer["batches"]}
    )


def _chosen(options: Options) -> Json:
    return {
        "category_limit": options.category_limit or 0,
        "product_ids": options.product_id,
        "brand": options.brand,
        "locales": options.locale,
    }


@contextmanager
def _starting(key: str) -> Iterator[None]:
    """Wraps the call that starts a run. When its response is lost, the error says how to repeat it safely."""
    repeat = (
        "It is not known whether a run was started. Run the same command with "
        f"--idempotency-key {key}: it finds that run or starts it, and never starts a second one."
    )
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(repeat) from None
    except AnswerLost as error:
        raise AnswerLost(f"{error}\n{repeat}") from None


def _show(session: Session, answer: Json, with_batches: bool) -> None:
    parts: list[Any] = [run_table(answer)]
    if answer["run"]["error_message"]:
        parts.append(f"The run failed: {answer['run']['error_message']}")
    if answer["run"]["capped"]:
        parts.append(f"Products were left waiting: {answer['run']['capped']}. The next run takes them.")
    if answer["run"]["status"] == "completed" and not answer["run"]["batch_count"]:
        parts.append("Nothing was due: no batch was created.")
    if failed := {name: n for name, n in answer["run"]["counts"]["by_outcome"].items() if name != "stored"}:
        outcomes = ", ".join(f"{n} {name}" for name, n in sorted(failed.items()))
        parts.append(
            f"Not stored: {outcomes}. After a pause a later run retries what may succeed. To retry now:"
        )
        parts += [f"  {session.command(f'--action regenerate --outcome {name}')}" for name in sorted(failed)]
        parts.append(f"  {session.command('--action pipeline')}")
    created = [batch["batch_id"] for batch in answer["batches"] if batch["status"] == "created"]
    if with_batches and created and not session.as_json:
        parts.append(batch_table(map(session.client.batch, created)))
        parts.append("Nothing was sent yet. Read a batch's lines, then submit it:")
        parts.append(f"  {session.command(f'--action file --kind input --batch-id {created[0]}')}")
        parts.append(f"  {session.command(f'--action submit --batch-id {created[0]}')}")
    session.show(answer, *parts)
