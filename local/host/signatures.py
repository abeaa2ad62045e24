"""Refuses the functions that the Functions worker would refuse: an app that starts here must start in Azure.

Source: `azure_functions_runtime.functions.Registry.add_indexed_function`, Microsoft's worker on PyPI.
"""

import inspect
import typing
from typing import Any

import azure.functions as func

# A parameter of this name receives the invocation's context and needs no binding.
_CONTEXT = "context"
_RETURNED = (func.HttpResponse, str, type(None), Any)
_GIVEN = (func.HttpRequest, Any)


def why_refused(call: Any, bindings: list[dict[str, Any]]) -> str | None:
    """The worker's message when it would not load a function, or None."""
    parameters = set(inspect.signature(call).parameters)
    bound = {str(binding["name"]) for binding in bindings} - {"$return"}
    if parameters - bound - {_CONTEXT}:
        missing = sorted(parameters - bound - {_CONTEXT})
        return (
            f"the following parameters are declared in Python but not in the function definition: {missing}"
        )
    if bound - parameters:
        missing = sorted(bound - parameters)
        return (
            f"the following parameters are declared in the function definition but not in Python: {missing}"
        )
    trigger = next((binding for binding in bindings if binding["type"] == "httpTrigger"), None)
    if trigger is None:
        return None
    hints = typing.get_type_hints(call)
    if hints.get("return", Any) not in _RETURNED:
        return f'Python return annotation "{hints["return"].__name__}" does not match binding type "http"'
    if hints.get(str(trigger["name"]), Any) not in _GIVEN:
        return f'type of {trigger["name"]} binding "httpTrigger" does not match its Python annotation'
    return None
