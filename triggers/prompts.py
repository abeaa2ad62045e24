"""HTTP: prompts, and how well they do."""

import azure.durable_functions as df

from shared.prompt_report import prompt_results
from shared.services import get_services
from triggers.contract.prompts import PromptReport, PromptReportQuery
from triggers.keys import Scope
from triggers.operations import Call, Reply, operation

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
