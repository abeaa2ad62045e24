"""HTTP: the dashboard: a page, its files, and what it shows beyond the other resources."""

from functools import cache
from pathlib import Path

import azure.durable_functions as df

from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.errors import NotFound
from shared.domain.run import ImportReport
from shared.monitoring.alerts import alerts
from shared.monitoring.failure_causes import causes
from shared.monitoring.snapshot import Snapshot, read
from shared.monitoring.trends import days
from shared.monitoring.waiting import waiting
from shared.services import Services
from triggers.api.api_keys import fingerprint, may_operate
from triggers.api.operation import Call, Reply, operation
from triggers.schemas.common_schemas import Scope
from triggers.schemas.dashboard_schemas import (
    CallerAnswer,
    ImportInShort,
    Money,
    OverviewAnswer,
    TimerStands,
    TrendsAnswer,
)

bp = df.Blueprint()

_FOLDER = Path(__file__).parent.parent.parent / "dashboard"
_MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@operation(bp, "GET", "v1/dashboard", scope=Scope.OPEN, answers={200: "text/html"}, cached=True)
def dashboard(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """The dashboard, a page for people. It asks for a key itself."""
    return _file("index.html")


@operation(
    bp,
    "GET",
    "v1/dashboard/files/{folder}/{name}",
    scope=Scope.OPEN,
    answers={200: "*/*"},
    errors=(404,),
    cached=True,
)
def dashboard_file(call: Call) -> Reply:
    """A script or a style of the dashboard."""
    return _file(f"{call.path['folder']}/{call.path['name']}")


@operation(bp, "GET", "v1/caller", scope=Scope.READ, answers={200: CallerAnswer})
def caller(call: Call) -> Reply:
    """What the key of this call may do."""
    settings = get_services().settings
    scope = Scope.OPERATE if may_operate(settings, call.request) else Scope.READ
    return Reply(CallerAnswer(scope=scope, key=fingerprint(call.request)))


@operation(bp, "GET", "v1/dashboard/overview", scope=Scope.READ, answers={200: OverviewAnswer}, cached=True)
def dashboard_overview(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """What needs a person, what waits, what runs, what it costs, and who did what.

    Made from records and summaries; asking for it every second or two is fine, with the ETag.
    """
    services = get_services()
    records = read(services, utcnow())
    return Reply(
        OverviewAnswer(
            needs=alerts(records),
            waits=waiting(services.settings, records),
            batches=[batch.public() for batch in records.batches],
            usual_seconds=records.usual_seconds,
            runs=records.runs,
            imports=[_in_short(report) for report in records.imports],
            requeueings=records.requeueings,
            locales=list(services.settings.locales),
            categories=records.summaries,
            causes=causes(records.summaries),
            money=_money(services, records),
            deployments=records.deployments,
            activity=records.deeds,
            timers=_timers(records),
        )
    )


@operation(bp, "GET", "v1/dashboard/trends", scope=Scope.READ, answers={200: TrendsAnswer}, cached=True)
def dashboard_trends(call: Call) -> Reply:  # noqa: ARG001 - every handler takes its call
    """Tokens, cost and outcomes by day."""
    return Reply(TrendsAnswer(days=days(get_services())))


def _file(name: str) -> Reply:
    """One of the files that are there, by exact name: nothing that a caller sends becomes a path."""
    path = _files().get(name)
    if path is None:
        raise NotFound("The dashboard has no such file.")
    return Reply(path.read_bytes(), headers=_HEADERS, media_type=_MEDIA_TYPES[path.suffix])


@cache
def _files() -> dict[str, Path]:
    found = (path for path in _FOLDER.rglob("*") if path.suffix in _MEDIA_TYPES)
    return {path.relative_to(_FOLDER).as_posix(): path for path in found}


def _in_short(report: ImportReport) -> ImportInShort:
    return ImportInShort(**report.model_dump(include=set(ImportInShort.model_fields)))


def _money(services: Services, records: Snapshot) -> Money:
    settings = services.settings
    return Money(
        month=records.month,
        max_month_cost=settings.max_month_cost,
        max_run_cost=settings.max_run_cost,
    )


def _timers(records: Snapshot) -> list[TimerStands]:
    ran = {timer.name: timer for timer in records.timers}
    return [
        TimerStands(
            name=name,
            last_at=ran[name].last_at if name in ran else None,
            said=ran[name].said if name in ran else "",
            next_at=next_at,
        )
        for name, next_at in records.next_times.items()
    ]
