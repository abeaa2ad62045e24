"""The app as the Functions worker loads it."""

import inspect
import json
import os
import subprocess
import sys
import typing

import azure.functions as func
import pytest

from local.local_settings import LocalSettings
from local.processes import ROOT

_LOADER = """
from types import SimpleNamespace
from azure_functions_runtime import loader
from azure_functions_runtime.bindings import meta
from azure_functions_runtime.functions import Registry
meta.load_binding_registry()
protos = SimpleNamespace(BindingInfo=SimpleNamespace(inout=2, out=1, **{"in": 0}))
registry = Registry()
for function in loader.index_function_app("function_app.py"):
    print(registry.add_indexed_function(function=function, protos=protos).name)
"""


@pytest.fixture(scope="module")
def functions() -> typing.Iterator[list[typing.Any]]:
    before = dict(os.environ)
    os.environ.update(LocalSettings().app_environment())
    try:
        from function_app import app

        yield app.get_functions()
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_every_parameter_has_a_binding_and_no_annotation_that_the_worker_refuses(
    functions: list[typing.Any],
) -> None:
    """One function of the wrong form makes the worker refuse the whole app, which shows only in Azure."""
    assert len(functions) > 40
    for function in functions:
        call = function.get_user_function()
        bindings = {binding["name"] for binding in json.loads(str(function))["bindings"]}
        assert set(inspect.signature(call).parameters) == bindings - {"$return"}, function.get_function_name()
        if "httpTrigger" in str(function):
            returned = typing.get_type_hints(call).get("return", func.HttpResponse)
            assert returned in (func.HttpResponse, str), function.get_function_name()


def test_every_name_that_functions_call_is_registered(functions: list[typing.Any]) -> None:
    from shared.workflow import names

    registered = {function.get_function_name() for function in functions}
    called = {
        value
        for name, value in vars(names).items()
        if name.isupper() and isinstance(value, str) and name != "WAKE"
    }
    assert called <= registered


def test_the_real_worker_loads_every_function() -> None:
    pytest.importorskip("azure_functions_runtime", reason="the worker is on PyPI for Python 3.13 only")
    done = subprocess.run(
        [sys.executable, "-c", _LOADER],
        cwd=ROOT,
        env=LocalSettings().app_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 40
