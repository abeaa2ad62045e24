"""Names of orchestrators, activities and events.

Functions call each other by name. With constants a misspelt name fails at import, not at run time.
"""

# Orchestrators
GENERATION_RUN = "generation_run"
PREPARE_CATEGORY = "prepare_category"
BATCH_LIFECYCLE = "batch_lifecycle"
CATALOGUE_IMPORT = "catalogue_import"
CATEGORY_TASK = "category_task"

# Activities of a run
ENTER_RUN = "enter_run"
LIST_CATEGORIES = "list_categories"
PREPARE_BATCH = "prepare_batch"
START_LIFECYCLE = "start_lifecycle"
LEAVE_PREPARATION = "leave_preparation"
CHECK_RUN = "check_run"

# Activities of a batch
SUBMIT_BATCH = "submit_batch"
CHECK_BATCH = "check_batch"
STAGE_RESULTS = "stage_results"
INGEST_SEGMENT = "ingest_segment"
SETTLE_BATCH = "settle_batch"

# Activity of an import
IMPORT_ROWS = "import_rows"

# Activities of a task over categories
LIST_TASK_CATEGORIES = "list_task_categories"
WORK_ON_CATEGORY = "work_on_category"
SETTLE_TASK = "settle_task"

# External event that only wakes a waiting lifecycle. The batch record holds what was requested.
WAKE = "wake"


# Raise it with every change to what `batch_lifecycle` schedules, or to the order. An instance that runs while
# new code is deployed has a history that no longer matches: it ends, and is started again from the tables.
LIFECYCLE_VERSION = 2


def lifecycle_input(batch_id: str) -> dict[str, str | int]:
    """The input of a lifecycle that this version of the code starts."""
    return {"batch_id": batch_id, "version": LIFECYCLE_VERSION}


def lifecycle_instance(batch_id: str) -> str:
    """Id of the orchestration instance that drives a batch."""
    return f"batch-{batch_id}"


def run_instance(run_id: str) -> str:
    """Id of the orchestration instance that drives a run."""
    return f"run-{run_id}"


def import_instance(import_id: str) -> str:
    """Id of the orchestration instance that drives an import."""
    return f"import-{import_id}"


def task_instance(kind: str, task_id: str) -> str:
    """Id of the orchestration instance that drives a task over categories."""
    return f"{kind}-{task_id}"
