"""HTTP: the dashboard page, its files, and the data that only the dashboard needs."""

from functools import cache
from pathlib import Path

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.errors import NotFound
from shared.domain.run import ImportReport
from shared.monitoring.alerts import alerts
from shared.monitoring.failure_causes import failures_by_cause
from shared.monitoring.snapshot import Snapshot, read_snapshot
from shared.monitoring.trends import daily_totals
from shared.monitoring.waiting import waiting_items
from shared.services import Services
from triggers.api.api_keys import fingerprint, may_operate
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.dashboard_schemas import (
    CallerResponse,
    ImportSummary,
    Money,
    OverviewResponse,
    TimerStatus,
    TrendsResponse,
)

bp = df.Blueprint()

_FOLDER = Path(__file__).parent.parent.parent / "dashboard"
_MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


@operation(bp, "GET", "v1/dashboard", scope=Scope.OPEN, responses={200: "text/html"}, cached=True)
def dashboard(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Return the dashboard page. It needs no key, and asks its reader for one."""
    return _file("index.html")


@operation(
    bp,
    "GET",
    "v1/dashboard/files/{folder}/{name}",
    scope=Scope.OPEN,
    responses={200: "*/*"},
    errors=(404,),
    cached=True,
)
def dashboard_file(call: Call) -> Reply:
    """Return a script or style sheet of the dashboard."""
    return _file(f"{call.path['folder']}/{call.path['name']}")


@operation(bp, "GET", "v1/caller", scope=Scope.READ, responses={200: CallerResponse})
def caller(call: Call) -> Reply:
    """Return what the key of this call may do."""
    settings = get_services().settings
    scope = Scope.OPERATE if may_operate(settings, call.request) else Scope.READ
    return Reply(CallerResponse(scope=scope, key=fingerprint(call.request)))


@operation(
    bp, "GET", "v1/dashboard/overview", scope=Scope.READ, responses={200: OverviewResponse}, cached=True
)
def dashboard_overview(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Return what needs a person, what waits, what runs, what it costs, and who did what.

    The response is built from records and summaries, without a scan of the catalogue. Polling it every
    second or two with the ETag is fine.
    """
    services = get_services()
    records = read_snapshot(services, utcnow())
    return Reply(
        OverviewResponse(
            needs=alerts(records),
            waits=waiting_items(services.settings, records),
            batches=[batch.public() for batch in records.batches],
            usual_seconds=records.median_job_seconds,
            runs=records.runs,
            imports=[_summary(report) for report in records.imports],
            requeueings=records.requeueings,
            locales=list(services.settings.locales),
            categories=records.summaries,
            causes=failures_by_cause(records.summaries),
            money=_money(services, records),
            deployments=records.deployments,
            activity=records.audit_entries,
            timers=_timers(records),
        )
    )


@operation(bp, "GET", "v1/dashboard/trends", scope=Scope.READ, responses={200: TrendsResponse}, cached=True)
def dashboard_trends(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Return tokens, cost and outcomes by day, over the last 30 days."""
    return Reply(TrendsResponse(days=daily_totals(get_services())))


def _file(name: str) -> Reply:
    """Return a file by its exact name in the list of files. Input from a caller never becomes a path.

    Raises:
        NotFound: when there is no such file.
    """
    path = _files().get(name)
    if path is None:
        raise NotFound("The dashboard has no such file.")
    return Reply(path.read_bytes(), headers=_HEADERS, media_type=_MEDIA_TYPES[path.suffix])


@cache
def _files() -> dict[str, Path]:
    found = (path for path in _FOLDER.rglob("*") if path.suffix in _MEDIA_TYPES)
    return {path.relative_to(_FOLDER).as_posix(): path for path in found}


def _summary(report: ImportReport) -> ImportSummary:
    return ImportSummary(**report.model_dump(include=set(ImportSummary.model_fields)))


def _money(services: Services, records: Snapshot) -> Money:
    settings = services.settings
    return Money(
        month=records.month,
        max_month_cost=settings.max_month_cost,
        max_run_cost=settings.max_run_cost,
    )


def _timers(records: Snapshot) -> list[TimerStatus]:
    ran = {timer.name: timer for timer in records.timers}
    return [
        TimerStatus(
            name=name,
            last_at=ran[name].last_at if name in ran else None,
            said=ran[name].said if name in ran else "",
            next_at=next_at,
        )
        for name, next_at in records.next_times.items()
    ]
