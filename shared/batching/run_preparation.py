"""The steps of a run around preparing its batches: enter under the lock, list the categories, leave."""

from shared.batching import current_build
from shared.batching.preparation_lock import LOCK_DURATION
from shared.batching.run_batches import batches_of_run
from shared.domain.run import Run
from shared.domain.states import BatchStatus, RunStatus
from shared.services import Services

# Categories in a page: a page is one window of the orchestration's fan-out, and a short message.
CATEGORIES_PER_PAGE = 50
_BUILD_FAILED = "Building the file failed; the run's record says why. Its products wait again."


def enter(services: Services, run_id: str) -> bool:
    """Take the lock on preparing for a run. Returns False while another run is preparing.

    Raises:
        NotFound: when there is no such run.
    """
    if not services.runs.lock(run_id, LOCK_DURATION):
        return False

    def start(run: Run) -> Run:
        if run.status != RunStatus.QUEUED:
            return run
        return run.model_copy(update={"status": RunStatus.PREPARING})

    services.runs.modify(run_id, start)
    return True


def categories(services: Services, run_id: str, after: str) -> list[str]:
    """The next page of the run's category slugs behind `after`, in order.

    A run that names no categories works on all of them.

    Raises:
        NotFound: when there is no such run.
    """
    # Listing needs no lock, and `prepare` checks it: this only keeps it from expiring between two pages.
    services.runs.lock(run_id, LOCK_DURATION)
    return services.summaries.slugs(after, CATEGORIES_PER_PAGE, services.runs.get(run_id).categories)


def leave(services: Services, run_id: str, problems: list[str]) -> None:
    """End preparing, store its `problems` (texts) in the run's record, and release the lock.

    A batch that is still being built has failed for good: it is cancelled and its products wait again.

    Raises:
        NotFound: when there is no such run.
    """
    for batch in batches_of_run(services, run_id):
        if batch.status == BatchStatus.BUILDING:
            current_build.abandon(services, batch.batch_id, _BUILD_FAILED)
    prepared = {"status": RunStatus.RUNNING, "error_message": "; ".join(problems)[:1000] or None}
    services.runs.modify(
        run_id, lambda run: run if run.status.is_terminal else run.model_copy(update=prepared)
    )
    services.runs.unlock(run_id)
