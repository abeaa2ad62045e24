"""The control endpoints under `/emulator`: ledger, journal, webhooks, faults and clock.

They are not part of the Azure API. They need no key, because the emulator listens on this machine only.
"""

import asyncio

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from local.openai_emulator.emulator import Emulator
from local.openai_emulator.faults import Rule
from local.openai_emulator.gateway import json_answer, json_body

_RULES = TypeAdapter(list[Rule])


class Control:
    """The control endpoints.

    GET  /emulator/ledger[?products=false]
    GET  /emulator/journal[?after=SEQ&call=batches.create]
    GET  /emulator/webhooks
    GET, POST, DELETE /emulator/faults      POST: a list of rules
    GET, POST /emulator/clock               POST: {"advance": seconds}, on a virtual clock only
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/emulator/ledger", self._ledger),
            web.get("/emulator/journal", self._journal),
            web.get("/emulator/webhooks", self._webhooks),
            web.get("/emulator/faults", self._faults),
            web.post("/emulator/faults", self._add_faults),
            web.delete("/emulator/faults", self._clear_faults),
            web.get("/emulator/clock", self._clock),
            web.post("/emulator/clock", self._advance),
        ]

    async def _ledger(self, request: web.Request) -> web.StreamResponse:
        await asyncio.to_thread(self._emulator.catch_up)
        products = request.query.get("products") != "false"
        return json_answer(await asyncio.to_thread(self._emulator.ledger.read, products))

    async def _journal(self, request: web.Request) -> web.StreamResponse:
        after = request.query.get("after", "0")
        if not after.isdigit():
            raise web.HTTPBadRequest(text="after must be the number of an entry")
        entries = await asyncio.to_thread(self._emulator.journal.read, int(after), request.query.get("call"))
        return json_answer({"entries": entries})

    async def _webhooks(self, _: web.Request) -> web.StreamResponse:
        return json_answer({"webhooks": await asyncio.to_thread(self._emulator.webhooks.sent)})

    async def _faults(self, _: web.Request) -> web.StreamResponse:
        return json_answer({"faults": self._emulator.faults.listed()})

    async def _add_faults(self, request: web.Request) -> web.StreamResponse:
        try:
            rules = _RULES.validate_json(await request.read())
        except ValidationError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        await asyncio.to_thread(self._emulator.faults.add, rules)
        return json_answer({"faults": self._emulator.faults.listed()})

    async def _clear_faults(self, _: web.Request) -> web.StreamResponse:
        await asyncio.to_thread(self._emulator.faults.clear)
        return json_answer({"faults": []})

    async def _clock(self, _: web.Request) -> web.StreamResponse:
        clock = self._emulator.clock
        return json_answer({"now": clock.now(), "virtual": clock.virtual})

    async def _advance(self, request: web.Request) -> web.StreamResponse:
        seconds = (await json_body(request)).get("advance")
        if not isinstance(seconds, int | float):
            raise web.HTTPBadRequest(text='give {"advance": seconds}')
        try:
            return json_answer(await asyncio.to_thread(self._emulator.advance, float(seconds)))
        except (TypeError, ValueError) as error:
            raise web.HTTPConflict(text=str(error)) from error
