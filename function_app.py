"""The Azure Functions app: checks the settings and registers every blueprint."""

import gc

import azure.durable_functions as df
import azure.functions as func

from activities import (
    check_batch,
    import_rows,
    ingest_segment,
    prepare_batch,
    run_steps,
    settle_batch,
    stage_results,
    submit_batch,
    task_steps,
)
from orchestrators import batch_lifecycle, catalogue_import, category_task, generation_run
from shared.config.settings_loader import get_settings
from triggers.http import (
    api_reference,
    batches,
    dashboard_page,
    exports,
    health,
    imports,
    products,
    prompts,
    regeneration,
    runs,
    webhooks,
    work,
)
from triggers.timers import cleanup_timer, nightly_timer, reconcile_timer

get_settings()  # raises SettingsError, which names each missing or wrong setting, and so stops the start

# `triggers.api.operation` checks the key. Without this argument DFApp() demands a function key, and
# `http_auth_level` on a blueprint is ignored.
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

for module in (
    work,
    batches,
    runs,
    imports,
    products,
    regeneration,
    prompts,
    exports,
    webhooks,
    dashboard_page,
    health,
    api_reference,
    nightly_timer,
    reconcile_timer,
    cleanup_timer,
    generation_run,
    batch_lifecycle,
    catalogue_import,
    category_task,
    run_steps,
    prepare_batch,
    submit_batch,
    check_batch,
    stage_results,
    ingest_segment,
    settle_batch,
    import_rows,
    task_steps,
):
    app.register_functions(module.bp)

# Imported modules stay in memory, so the garbage collector need not walk them. That took a seventh of the
# time of the content checks.
gc.collect()
gc.freeze()
