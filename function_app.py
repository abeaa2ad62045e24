"""The Azure Functions app: checks the settings and registers every blueprint, nothing else."""

import azure.durable_functions as df
import azure.functions as func

from activities import (
    check_batch,
    import_rows,
    ingest_segment,
    prepare_batch,
    settle_batch,
    stage_results,
    submit_batch,
)
from activities import (
    runs as run_activities,
)
from orchestrators import batch_lifecycle, catalogue_import, generation_run
from shared.settings import get_settings
from triggers import batches, health, products, runs, timers

get_settings()  # a missing or wrong setting stops the start, by name

# The key is checked by triggers.http: `http_auth_level` on a blueprint is ignored, DFApp() alone is FUNCTION.
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

for module in (
    batches,
    runs,
    products,
    health,
    timers,
    generation_run,
    batch_lifecycle,
    catalogue_import,
    run_activities,
    prepare_batch,
    submit_batch,
    check_batch,
    stage_results,
    ingest_segment,
    settle_batch,
    import_rows,
):
    app.register_functions(module.bp)
