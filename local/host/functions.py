"""The app's functions by trigger, and the worker that calls them with their bindings."""

import asyncio
import importlib
import inspect
import json
import logging
import os
import traceback
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from azure.durable_functions.models.utils.df_serialization import df_dumps, df_loads

from local.host.activity_runner import ActivityFailure
from local.host.signatures import why_refused

log = logging.getLogger("host.functions")


class AppNotLoaded(Exception):
    """The app cannot be imported, or it registers something that this host does not serve."""


@dataclass(frozen=True)
class Function:
    """One registered function: its name, its trigger's binding, and the parameters of its other bindings."""

    name: str
    call: Callable[..., Any]
    trigger: dict[str, Any]
    client_parameter: str | None
    takes_context: bool

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.call)


@dataclass
class Functions:
    """All functions of an app, by trigger."""

    http: list[Function] = field(default_factory=list)
    timers: dict[str, Function] = field(default_factory=dict)
    activities: dict[str, Function] = field(default_factory=dict)
    orchestrators: dict[str, Callable[..., Any]] = field(default_factory=dict)


def load(app_path: str) -> Functions:
    """Import `module:attribute` and index the functions that the app registers.

    Raises:
        AppNotLoaded: with the reason, for the person who starts the host.
    """
    module_name, _, attribute = app_path.partition(":")
    try:
        app = getattr(importlib.import_module(module_name), attribute or "app")
    except Exception as error:
        # No traceback: the usual cause is a wrong setting, and the app's own message names it.
        raised = traceback.extract_tb(error.__traceback__)[-1]
        raise AppNotLoaded(
            f"The app {app_path} cannot be imported.\n{type(error).__name__}: {error}\n"
            f"(raised in {raised.filename}:{raised.lineno})"
        ) from error
    functions = Functions()
    for registered in app.get_functions():  # the SDK allows one call only
        _index(functions, registered)
    return functions


def _index(functions: Functions, registered: Any) -> None:
    name = registered.get_function_name()
    # Source: learn.microsoft.com, "How to disable functions in Azure Functions".
    if os.environ.get(f"AzureWebJobs.{name}.Disabled", "").lower() in ("true", "1"):
        return
    bindings = registered.get_bindings_dict()["bindings"]
    trigger = next(binding for binding in bindings if str(binding["type"]).endswith("Trigger"))
    client = next((binding["name"] for binding in bindings if binding["type"] == "durableClient"), None)
    call = registered.get_user_function()
    refusal = why_refused(call, bindings)
    if refusal:
        raise AppNotLoaded(f"The Functions worker would not load the {name} function: {refusal}.")
    function = Function(
        name=name,
        call=call,
        trigger=trigger,
        client_parameter=client,
        takes_context="context" in inspect.signature(call).parameters,
    )
    kind = trigger["type"]
    if kind == "httpTrigger":
        functions.http.append(function)
    elif kind == "timerTrigger":
        functions.timers[function.name] = function
    elif kind == "activityTrigger":
        functions.activities[trigger.get("activity") or function.name] = function
    elif kind == "orchestrationTrigger":
        functions.orchestrators[trigger.get("orchestration") or function.name] = call
    else:
        raise AppNotLoaded(f"Function {function.name} has a {kind}, which this host does not serve.")


class Worker:
    """Calls functions as the Python worker does: plain ones in threads, async ones on the event loop."""

    def __init__(self, functions: Functions, client_binding: Callable[[], str], threads: int) -> None:
        self._functions = functions
        self._client_binding = client_binding
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="functions")

    async def call(self, function: Function, value: Any) -> Any:
        """Call a function with the trigger's value and its other bindings."""
        arguments = {function.trigger["name"]: value}
        if function.client_parameter:
            arguments[function.client_parameter] = self._client_binding()
        if function.takes_context:
            arguments["context"] = SimpleNamespace(
                invocation_id=str(uuid.uuid4()),
                function_name=function.name,
                function_directory=str(Path.cwd()),
            )
        if function.is_async:
            return await function.call(**arguments)
        return await asyncio.get_running_loop().run_in_executor(self._pool, _call, function, arguments)

    async def run_activity(self, name: str, payload: str | None) -> str:
        """Run an activity with a JSON input. Returns its JSON result.

        Raises:
            ActivityFailure: when it is not registered, raises an exception, or its result is not JSON.
        """
        function = self._functions.activities.get(name)
        if function is None:
            raise ActivityFailure(f"The activity function '{name}' does not exist.", "")
        try:
            value = None if payload is None else df_loads(payload)
            result = str(df_dumps(await self.call(function, value)))
            json.loads(result)
        except Exception as error:
            details = traceback.format_exc()
            log.exception("activity function %s failed", name)
            reason = f"Activity function '{name}' failed: {type(error).__name__}: {error}"
            raise ActivityFailure(reason, details) from error
        return result

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _call(function: Function, arguments: dict[str, Any]) -> Any:
    """Call a plain function in a thread of the pool."""
    try:
        return function.call(**arguments)
    except StopIteration as error:
        # A future cannot hold StopIteration: the caller would wait for ever.
        raise RuntimeError(f"function {function.name} raised StopIteration") from error
