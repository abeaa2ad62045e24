"""The batches of a run."""

from shared.domain.batch import OpenAIBatch
from shared.persistence.parallel import map_ordered
from shared.services import Services


def batches_of_run(services: Services, run_id: str) -> list[OpenAIBatch]:
    """The records of a run's batches, in key order, without those that do not exist or cannot be read."""
    found = map_ordered(services.batches.find_readable, services.runs.batch_ids(run_id))
    return [batch for batch in found if batch is not None]
