"""Which functions are loaded, and what the real worker would refuse."""

from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import AppNotLoaded, load
from local.host.signatures import why_refused

HTTP = [{"name": "req", "type": "httpTrigger"}, {"name": "$return", "type": "http"}]
app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.timer_trigger("timer", "0 0 0 * * *")
def nightly(timer: func.TimerRequest) -> None:
    raise NotImplementedError(timer)


@app.route("there")
def there(req: func.HttpRequest) -> str:
    return str(req.url)


wrong = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@wrong.route("answers")
def answers(req: func.HttpRequest) -> dict[str, str]:
    return {"url": req.url}


def test_a_disabled_function_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobs.nightly.Disabled", "true")
    functions = load(f"{__name__}:app")
    assert functions.timers == {}
    assert [function.name for function in functions.http] == ["there"]


def test_what_the_worker_refuses_is_refused() -> None:
    with pytest.raises(AppNotLoaded, match="would not load the answers function: Python return annotation"):
        load(f"{__name__}:wrong")


def _plain(req: Any) -> Any:
    return req


def _typed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.get_body())


def _surplus(req: func.HttpRequest, other: int) -> str:
    return f"{req}{other}"


def _context(req: func.HttpRequest, context: func.Context) -> str:
    return f"{req}{context}"


def _without() -> str:
    return ""


def _of_another_type(req: int) -> str:
    return str(req)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (_plain, None),
        (_typed, None),
        (_context, None),
        (_surplus, "['other']"),
        (_without, "['req']"),
        (_of_another_type, 'type of req binding "httpTrigger"'),
    ],
)
def test_parameters_bindings_and_annotations_must_match(call: Any, message: str | None) -> None:
    refusal = why_refused(call, HTTP)
    assert refusal is None if message is None else message in str(refusal)
