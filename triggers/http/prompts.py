"""HTTP: prompts, and how well they do."""

import azure.durable_functions as df

from shared.composition import get_services
from shared.monitoring.prompt_report import prompt_results
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.prompt_schemas import PromptReport, PromptReportQuery

bp = df.Blueprint()


@operation(bp, "GET", "v1/prompts/report", scope=Scope.READ, answers={200: PromptReport}, cached=True)
def prompt_report(call: Call, query: PromptReportQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Versions and variants of the prompt side by side: scores, failures, tokens and cost.

    Each is compared with the one that most products had; the answer says how large the sample is, and
    whether the difference is more than chance.
    """
    services = get_services()
    ended = services.batches.page(query.batches, keep=lambda batch: batch.status.is_terminal)
    results = prompt_results(ended)
    return Reply(PromptReport(batches=len(ended), prompts=results))
