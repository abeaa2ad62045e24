"""HTTP: bulk export of content, as a background task."""

import asyncio

import azure.durable_functions as df

from shared.channels.channel_export import zip_name
from shared.channels.html_body import BadTemplate, check_template
from shared.composition import get_services
from shared.domain.clock import utcnow
from shared.domain.errors import InvalidRequest
from shared.domain.states import TaskStatus
from shared.domain.task import Export, TaskKind
from shared.monitoring.seen import mark_seen
from shared.services import Services
from triggers.api.operation import Call, Reply, accepted, operation
from triggers.choosing import known_categories
from triggers.schemas.common_schemas import Scope
from triggers.schemas.export_schemas import (
    ExportAccepted,
    ExportArchive,
    ExportArguments,
    ExportFile,
    ExportResponse,
)
from triggers.start_work import new_id, start_task

bp = df.Blueprint()


@operation(
    bp, "POST", "v1/exports", scope=Scope.WORK, responses={202: ExportAccepted}, errors=(404,), starts=True
)
async def export_content(call: Call, arguments: ExportArguments) -> Reply:
    """Export the content of many products: as JSON Lines, or as the files of a channel.

    Without `channel` there is one JSON Lines file per category. With it there is one zip file, which also has
    `report.csv`: what was left out, and why. The first of `locales` is the language of the shop itself.
    """
    services = await asyncio.to_thread(get_services)
    export = await asyncio.to_thread(_create, services, arguments)
    await start_task(call.client, TaskKind.EXPORT, export.export_id)
    location = f"/api/v1/exports/{export.export_id}"
    return accepted(ExportAccepted(export=export, location=location), location)


@operation(
    bp, "GET", "v1/exports/{export_id}", scope=Scope.READ, responses={200: ExportResponse}, errors=(404, 409)
)
def get_export(call: Call) -> Reply:
    """Return the progress of an export.

    Once it is completed, the response has download addresses of its files, valid for a few minutes.
    """
    services = get_services()
    export = services.exports.get(call.path["export_id"])
    completed = export.status == TaskStatus.COMPLETED
    if export.channel:
        return Reply(ExportResponse(export=export, files=[], archive=_archive(services, export, completed)))
    blobs = services.blobs.sizes(export.prefix) if completed else {}
    return Reply(ExportResponse(export=export, files=[_signed(services, *blob) for blob in blobs.items()]))


@operation(
    bp,
    "POST",
    "v1/exports/{export_id}/seen",
    scope=Scope.OPERATE,
    responses={200: ExportResponse},
    errors=(404, 409),
)
def mark_export_seen(call: Call) -> Reply:
    """Mark an export that failed as seen: it no longer needs a person. Safe to repeat."""
    return Reply(ExportResponse(export=mark_seen(get_services().exports, call.path["export_id"]), files=[]))


def _archive(services: Services, export: Export, completed: bool) -> ExportArchive | None:
    """The zip file, if it was written and has not been cleaned up yet."""
    name = zip_name(export)
    size = services.blobs.sizes(name).get(name) if completed else None
    if size is None:
        return None
    signed = services.signer.sign(name, "read")
    return ExportArchive(
        name=f"{export.channel}.zip", bytes=size, url=signed.url, expires_at=signed.expires_at
    )


def _signed(services: Services, name: str, size: int) -> ExportFile:
    signed = services.signer.sign(name, "read")
    category = name.rsplit("/", 1)[1].removesuffix(".jsonl")
    return ExportFile(category=category, bytes=size, url=signed.url, expires_at=signed.expires_at)


def _create(services: Services, arguments: ExportArguments) -> Export:
    if arguments.channel:
        try:
            check_template(services.settings.body_template)
        except BadTemplate as error:
            raise InvalidRequest(
                f"{error} The setting must be corrected before content is exported."
            ) from error
    export = Export(
        export_id=new_id(),
        categories=known_categories(services, arguments.categories),
        locales=list(arguments.locales),
        updated_since=arguments.updated_since,
        channel=arguments.channel,
        columns=list(arguments.columns),
        created_at=utcnow(),
    )
    services.exports.create(export)
    return export
