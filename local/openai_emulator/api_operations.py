"""The HTTP side of the API's operations: reads requests and writes responses.

`files`, `batches_api` and `online_completions` implement the operations; `gateway` handles what is common to
all calls.
"""

import asyncio
from pathlib import Path

from aiohttp import web

from local.openai_emulator.emulator import Emulator
from local.openai_emulator.faults import On
from local.openai_emulator.gateway import (
    EXPIRY_VERSIONS,
    Effects,
    Gateway,
    Operation,
    json_answer,
    json_body,
    limit_of,
    page,
)
from local.openai_emulator.list_queries import ListQuery, read_filter, read_order
from local.openai_emulator.uploads import read_upload

_V1 = "/openai/v1"
_DATED = "/openai"
_CHUNK = 256 * 1024


class Operations:
    """Every call of the emulated resource."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def routes(self) -> list[web.RouteDef]:
        """The routes of both API surfaces."""
        gateway = Gateway(self._emulator)
        operations: list[tuple[str, str, On, Operation]] = [
            ("POST", "/files", "files.create", self._upload),
            ("GET", "/files", "files.list", self._list_files),
            ("GET", "/files/{file_id}", "files.retrieve", self._retrieve_file),
            ("GET", "/files/{file_id}/content", "files.content", self._content),
            ("DELETE", "/files/{file_id}", "files.delete", self._delete_file),
            ("POST", "/batches", "batches.create", self._create_batch),
            ("GET", "/batches", "batches.list", self._list_batches),
            ("GET", "/batches/{batch_id}", "batches.retrieve", self._retrieve_batch),
            ("POST", "/batches/{batch_id}/cancel", "batches.cancel", self._cancel),
        ]
        v1: tuple[str, str, On, Operation]
        v1 = ("POST", "/chat/completions", "chat.completions", self._chat)
        dated = ("POST", f"/deployments/{{deployment}}{v1[1]}", *v1[2:])
        return [
            web.route(method, prefix + path, gateway.handler(call, operation, prefix == _DATED))
            for prefix, chat in ((_V1, v1), (_DATED, dated))
            for method, path, call, operation in [*operations, chat]
        ]

    async def _upload(self, request: web.Request, effects: Effects) -> web.StreamResponse:
        version = request.query.get("api-version", "")
        with_expiry = request.path.startswith(_V1) or version in EXPIRY_VERSIONS
        upload = await read_upload(
            request, self._emulator.store, self._emulator.config.max_file_bytes, with_expiry
        )
        created = await asyncio.to_thread(self._emulator.files.create, upload, effects)
        return json_answer(created, 200 if request.path.startswith(_V1) else 201)

    async def _list_files(self, request: web.Request, _: Effects) -> web.StreamResponse:
        query = request.query
        limit = limit_of(request, default=10_000, maximum=10_000)
        objects, has_more = await asyncio.to_thread(
            self._emulator.files.page,
            limit,
            query.get("after"),
            query.get("order") == "asc",
            query.get("purpose"),
        )
        return json_answer(page(objects, has_more))

    async def _retrieve_file(self, request: web.Request, _: Effects) -> web.StreamResponse:
        return json_answer(
            await asyncio.to_thread(self._emulator.files.retrieve, request.match_info["file_id"])
        )

    async def _content(self, request: web.Request, effects: Effects) -> web.StreamResponse:
        path, filename, size = await asyncio.to_thread(
            self._emulator.files.content, request.match_info["file_id"]
        )
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{filename}"',
        }
        if "truncate" in effects:
            return await _truncated(request, path, (size, int(size * effects["truncate"])), headers)
        return web.FileResponse(path, chunk_size=_CHUNK, headers=headers)

    async def _delete_file(self, request: web.Request, _: Effects) -> web.StreamResponse:
        file_id = request.match_info["file_id"]
        await asyncio.to_thread(self._emulator.files.delete, file_id)
        return json_answer({"object": "file", "id": file_id, "deleted": True})

    async def _create_batch(self, request: web.Request, _: Effects) -> web.StreamResponse:
        body = await json_body(request)
        return json_answer(await asyncio.to_thread(self._emulator.batches.create, body))

    async def _list_batches(self, request: web.Request, _: Effects) -> web.StreamResponse:
        query = ListQuery(
            limit_of(request, default=20, maximum=100),
            request.query.get("after"),
            read_order(request.query.get("$orderby", "created_at desc")),
            read_filter(request.query["$filter"]) if "$filter" in request.query else (),
        )
        objects, has_more = await asyncio.to_thread(self._emulator.batches.page, query)
        return json_answer(page(objects, has_more))

    async def _retrieve_batch(self, request: web.Request, _: Effects) -> web.StreamResponse:
        batch_id = request.match_info["batch_id"]
        return json_answer(await asyncio.to_thread(self._emulator.batches.retrieve, batch_id))

    async def _cancel(self, request: web.Request, _: Effects) -> web.StreamResponse:
        batch_id = request.match_info["batch_id"]
        return json_answer(await asyncio.to_thread(self._emulator.batches.cancel, batch_id))

    async def _chat(self, request: web.Request, effects: Effects) -> web.StreamResponse:
        body = await json_body(request)
        name = request.match_info.get("deployment") or body.get("model")
        completion = await asyncio.to_thread(self._emulator.online.complete, name, body, effects)
        return json_answer(completion.body, completion.status)


async def _truncated(
    request: web.Request, path: Path, sizes: tuple[int, int], headers: dict[str, str]
) -> web.StreamResponse:
    """Announce the first size as Content-Length, send only the second size, and cut the connection."""
    announced, left = sizes
    response = web.StreamResponse(headers=headers)
    response.content_length = announced
    await response.prepare(request)
    with path.open("rb") as file:
        while left > 0:
            chunk = file.read(min(_CHUNK, left))
            await response.write(chunk)
            left -= len(chunk)
    if request.transport is not None:
        request.transport.close()
    return response
