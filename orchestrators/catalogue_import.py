"""An import: one activity reads the spooled file. It is retried when its worker is lost."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from shared.workflow.names import IMPORT_ROWS

bp = df.Blueprint()

_RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=5)


@bp.orchestration_trigger(context_name="context")
def catalogue_import(context: df.DurableOrchestrationContext) -> Generator[Any, Any, str]:
    """Input: import_id. Output: the import's status."""
    status: str = yield context.call_activity_with_retry(
        IMPORT_ROWS, _RETRY, context.get_input()["import_id"]
    )
    return status
