from typing import Any

from openai.types import Batch

from shared.domain.states import ENDED_JOBS
from shared.openai_batch.remote_batches import status_of


def test_the_state_of_a_job_is_read_in_lower_case_and_an_unknown_one_is_kept() -> None:
    assert status_of(job("Completed")) in ENDED_JOBS
    assert status_of(job("Queued")) == "queued"


def job(status: str) -> Batch:
    fields: dict[str, Any] = {"status": status}
    return Batch.model_construct(**fields)
