"""Alerts and workbook ask for what the app logs and measures, by the names that it uses."""

import json
import logging
import re
from typing import Any

import pytest
from pydantic import BaseModel

from local.processes import ROOT
from shared.domain.batch import OpenAIBatch
from shared.domain.run import ImportReport, Run
from shared.domain.states import BatchStatus, RunStatus, TaskStatus
from shared.openai_batch.remedies import access_text
from shared.persistence import telemetry
from tests.examples import NOW
from tests.unit.infrastructure.bicep import INFRA

ALERTS = json.loads((INFRA / "alerts.json").read_text(encoding="utf-8"))
OVER_LINES = [alert for alert in ALERTS if alert["query"].startswith("traces")]
WORKBOOK = json.loads((INFRA / "workbook.json").read_text(encoding="utf-8"))
# Source: learn.microsoft.com, "Microsoft.Insights scheduledQueryRules" of the template reference.
WINDOWS = {"PT5M", "PT10M", "PT15M", "PT30M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D", "P2D"}

_CONDITIONS = (
    (r"message startswith '(.*)'", lambda line, text: line.getMessage().startswith(text)),
    (r"isnotempty\(tostring\(customDimensions\.(\w+)\)\)", lambda line, name: bool(vars(line).get(name))),
)


def batch(status: BatchStatus, **changes: Any) -> OpenAIBatch:
    fields = {"batch_id": "b-1", "filename": "f", "created_at": NOW, "run_id": "r", "category": "c"}
    return OpenAIBatch(**{**fields, "status": status, **changes})


def run(status: RunStatus) -> Run:
    return Run(run_id="r-1", status=status, created_at=NOW)


def report(status: TaskStatus, error_message: str | None = None) -> ImportReport:
    return ImportReport(
        import_id="i-1", format="csv", blob="b", created_at=NOW, status=status, error_message=error_message
    )


SUBMITTING = BatchStatus.SUBMITTING
Changes = tuple[str, BaseModel, BaseModel]
CHANGES: dict[str, Changes] = {
    "needs-a-person": (
        "batch", batch(SUBMITTING), batch(SUBMITTING, needs_attention="started 10 times"),
    ),
    "failed": ("run", run(RunStatus.RUNNING), run(RunStatus.FAILED)),
    "capped": ("run", run(RunStatus.RUNNING), run(RunStatus.CAPPED)),
    "no-access": (
        "batch", batch(SUBMITTING), batch(SUBMITTING, waits_for=access_text("401", "gpt-41-batch")),
    ),
    "incomplete-import": (
        "import", report(TaskStatus.RUNNING), report(TaskStatus.COMPLETED, "a row was rejected"),
    ),
}  # fmt: skip
ORDINARY: list[Changes] = [
    ("batch", batch(BatchStatus.CREATED), batch(SUBMITTING)),
    ("batch", batch(SUBMITTING), batch(SUBMITTING, waits_for="room in the enqueued-token quota")),
    ("batch", batch(BatchStatus.INGESTING), batch(BatchStatus.COMPLETED)),
    ("run", run(RunStatus.RUNNING), run(RunStatus.COMPLETED)),
    ("import", report(TaskStatus.RUNNING), report(TaskStatus.COMPLETED)),
]


def logged(changes: list[Changes], caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    caplog.clear()
    with caplog.at_level(logging.INFO, telemetry.log.name):
        for noun, before, after in changes:
            telemetry.report_change(noun, f"{noun}-1", before, after)
    assert len(caplog.records) == len(changes)
    return list(caplog.records)


def finds(query: str, line: logging.LogRecord) -> bool:
    """Whether a query over `traces` finds a line. It knows the operators that alerts.json uses."""
    table, _, conditions = query.partition(" | where ")
    assert table == "traces"
    return all(_holds(condition, line) for condition in conditions.split(" and "))


def _holds(condition: str, line: logging.LogRecord) -> bool:
    for pattern, judge in _CONDITIONS:
        if found := re.fullmatch(pattern, condition):
            return judge(line, found[1])
    found = re.fullmatch(r"tostring\(customDimensions\.(\w+)\) (startswith|endswith) '(.*)'", condition)
    assert found, condition
    value = str(vars(line).get(found[1]) or "")
    return value.startswith(found[3]) if found[2] == "startswith" else value.endswith(found[3])


@pytest.mark.parametrize("name", CHANGES)
def test_an_alert_is_sent_for_what_it_names_and_not_for_another_thing(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    [line] = logged([CHANGES[name]], caplog)
    assert {alert["name"] for alert in OVER_LINES if finds(alert["query"], line)} == {name}


def test_no_alert_is_sent_in_an_ordinary_night(caplog: pytest.LogCaptureFixture) -> None:
    for line in logged(ORDINARY, caplog):
        for alert in OVER_LINES:
            assert not finds(alert["query"], line), f"{alert['name']}: {line.getMessage()}"


def test_every_alert_over_log_lines_has_a_case_here_and_every_alert_is_documented() -> None:
    assert {alert["name"] for alert in OVER_LINES} == set(CHANGES)
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.partition("## Alerts in Azure")[2].partition("\n## ")[0]
    assert re.findall(r"^\| \*(.+?)\* \|", section, re.MULTILINE) == [alert["title"] for alert in ALERTS]


def test_alerts_have_values_that_azure_takes() -> None:
    for alert in ALERTS:
        assert alert["severity"] in range(5)
        assert alert["window"] in WINDOWS
        assert alert["frequency"] in WINDOWS
        assert alert["operator"] in {"GreaterThan", "LessThan"}
    assert len({alert["name"] for alert in ALERTS}) == len(ALERTS)


def test_the_reconciler_is_a_function_of_that_name() -> None:
    [alert] = [alert for alert in ALERTS if alert["name"] == "reconciler-stopped"]
    [name] = set(re.findall(r"== '(\w+)'", alert["query"]))
    timer = (ROOT / "triggers" / "timers" / "reconcile_timer.py").read_text(encoding="utf-8")
    assert f"def {name}(timer: func.TimerRequest" in timer


def test_the_workbook_shows_every_metric_by_its_attributes() -> None:
    queries = " ".join(item["content"].get("query", "") for item in WORKBOOK["items"])
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    metrics = dict(re.findall(r"^\| `(content\.[\w.]+)` \| [^|]+ \| (?:`(\w+)`)?", page, re.MULTILINE))
    source = (ROOT / "shared" / "persistence" / "telemetry.py").read_text(encoding="utf-8")
    assert set(metrics) == set(re.findall(r'"(content\.[\w.]+)"', source))
    assert set(re.findall(r"name == '([^']+)'", queries)) == set(metrics)
    asked = set(re.findall(r"customDimensions\.(\w+)", queries)) - {"change"}
    assert asked == {attribute for attribute in metrics.values() if attribute}
    assert WORKBOOK["fallbackResourceIds"] == ["##componentId##"]
