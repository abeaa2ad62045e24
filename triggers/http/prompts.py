"""HTTP: the comparison of prompts."""

import azure.durable_functions as df

from shared.composition import get_services
from shared.monitoring.prompt_report import prompt_results
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.prompt_schemas import PromptReport, PromptReportQuery

bp = df.Blueprint()


@operation(bp, "GET", "v1/prompts/report", scope=Scope.READ, responses={200: PromptReport}, cached=True)
def prompt_report(call: Call, query: PromptReportQuery) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Compare prompt versions and variants: scores, failures, tokens and cost.

    Each prompt is compared with the prompt that most products had. The response includes the sample size and
    whether the difference is more than chance.
    """
    services = get_services()
    ended = services.batches.page(query.batches, keep=lambda batch: batch.status.is_terminal)
    results = prompt_results(ended)
    return Reply(PromptReport(batches=len(ended), prompts=results))
