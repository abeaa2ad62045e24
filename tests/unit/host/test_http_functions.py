"""HTTP functions: the requests that they receive, and the responses that are made of their results."""

# ruff: noqa: ARG001 - the worker passes the request by this name
import json
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from local.host.host_server import HostOptions
from tests.unit.host.hosting import Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def _seen(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(
            {
                "method": req.method,
                "url": req.url,
                "headers": dict(req.headers),
                "params": dict(req.params),
                "route": dict(req.route_params),
                "body": req.get_body().decode("latin-1"),
            }
        ),
        mimetype="application/json",
    )


@app.route("see/{id}/{n:int?}", methods=["GET", "POST"])
def see(req: func.HttpRequest) -> func.HttpResponse:
    return _seen(req)


@app.route("see/{id}/{n:int?}", methods=["PUT"])
async def see_a_put(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("put")


@app.route("see/here")
def see_here(req: func.HttpRequest) -> str:
    return f"here {req.method}"


@app.route("files/{*path}", methods=["GET"])
def files(req: func.HttpRequest) -> func.HttpResponse:
    return _seen(req)


@app.route("size", methods=["POST"])
async def size(req: func.HttpRequest) -> str:
    return str(len(req.get_body()))


@app.route("unrouted", methods=["GET"])
def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("a secret")


@app.route("nothing", methods=["GET"])
def nothing(req: func.HttpRequest) -> None:
    return None


@app.route("answer", methods=["GET"])
def answer(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(b"\x00\xff", status_code=418, headers={"X-Tea": "pot"}, mimetype="image/tea")


@app.route("context", methods=["GET"])
def with_context(req: func.HttpRequest, context: func.Context) -> str:
    return context.function_name


@app.function_name("named")
@app.route(methods=["GET"])
def without_a_route(req: func.HttpRequest) -> str:
    return "named"


FUNCTIONS = load(f"{__name__}:app")


async def _get(h: Hosted, path: str, method: str = "GET", **options: Any) -> tuple[int, str, dict[str, str]]:
    async with h.http.request(method, h.host.url + path, **options) as got:
        return got.status, await got.text(), dict(got.headers)


@hosted(FUNCTIONS)
async def test_what_a_function_sees(h: Hosted) -> None:
    status, text, headers = await _get(
        h,
        "/api/see/a%2Cb/7?q=1&q=2&empty=&text=%C3%A4",
        "POST",
        data=b"\x00body",
        headers=[("X-Twice", "1"), ("X-Twice", "2")],
    )
    seen = json.loads(text)
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert seen["method"] == "POST"
    assert seen["url"].startswith(h.host.url + "/api/see/a")
    assert seen["headers"]["x-twice"] == "1,2"
    assert seen["params"] == {"q": "1,2", "text": "ä"}
    assert seen["route"] == {"id": "a,b", "n": "7"}
    assert seen["body"] == "\x00body"


@hosted(FUNCTIONS)
async def test_the_url_is_the_one_that_was_asked_for(h: Hosted) -> None:
    _, text, _ = await _get(h, "/api/see/a", headers={"Host": "shop.example:8080"})
    assert json.loads(text)["url"] == "http://shop.example:8080/api/see/a"


@hosted(FUNCTIONS)
async def test_optional_and_catch_all_parameters(h: Hosted) -> None:
    assert json.loads((await _get(h, "/api/see/a"))[1])["route"] == {"id": "a"}
    assert json.loads((await _get(h, "/api/files/a/b.txt"))[1])["route"] == {"path": "a/b.txt"}
    assert json.loads((await _get(h, "/api/files"))[1])["route"] == {}


@hosted(FUNCTIONS)
async def test_the_literal_route_wins_and_a_function_without_methods_accepts_all(h: Hosted) -> None:
    for method in ("GET", "POST", "DELETE", "PATCH"):
        assert (await _get(h, "/api/see/here", method))[1] == f"here {method}"


@hosted(FUNCTIONS)
async def test_the_method_decides_between_two_functions_of_one_route(h: Hosted) -> None:
    assert (await _get(h, "/api/see/x", "PUT"))[1] == "put"


@hosted(FUNCTIONS)
async def test_a_function_without_a_route_is_under_its_name(h: Hosted) -> None:
    assert (await _get(h, "/api/named"))[:2] == (200, "named")


@hosted(FUNCTIONS)
async def test_what_is_not_there_is_a_404_with_nothing_in_it(h: Hosted) -> None:
    """A method that no function accepts is a 404 too, HEAD included (azure-functions-host#10098, #11625)."""
    for method, path in (
        ("GET", "/"),
        ("GET", "/api/nobody"),
        ("GET", "/see/a"),
        ("GET", "/api/see/a/x"),
        ("DELETE", "/api/see/a"),
        ("HEAD", "/api/see/a"),
        ("OPTIONS", "/api/see/a"),
        ("PUT", "/runtime/webhooks/durabletask/instances/x"),
        ("GET", "/runtime/webhooks/durabletask/orchestrators/x"),
    ):
        status, text, _ = await _get(h, path, method)
        assert (status, text) == (404, ""), (method, path)


@hosted(FUNCTIONS)
async def test_an_exception_is_a_500_that_says_nothing(h: Hosted) -> None:
    status, text, _ = await _get(h, "/api/unrouted")
    assert status == 500
    assert "secret" not in text


@hosted(FUNCTIONS)
async def test_no_answer_is_a_204(h: Hosted) -> None:
    assert (await _get(h, "/api/nothing"))[:2] == (204, "")


@hosted(FUNCTIONS)
async def test_a_response_keeps_its_status_headers_and_bytes(h: Hosted) -> None:
    async with h.http.get(h.host.url + "/api/answer") as got:
        assert got.status == 418
        assert got.headers["X-Tea"] == "pot"
        assert got.headers["Content-Type"] == "image/tea"
        assert await got.read() == b"\x00\xff"


@hosted(FUNCTIONS)
async def test_the_context_holds_the_name_of_the_function(h: Hosted) -> None:
    assert (await _get(h, "/api/context"))[1] == "with_context"


@hosted(FUNCTIONS, most_body_bytes=1_000)
async def test_a_body_over_the_cap_is_a_413(h: Hosted) -> None:
    assert (await _get(h, "/api/size", "POST", data=b"x" * 1_000))[:2] == (200, "1000")
    assert (await _get(h, "/api/size", "POST", data=b"x" * 1_001))[0] == 413


@hosted(FUNCTIONS, route_prefix="")
async def test_the_prefix_may_be_empty(h: Hosted) -> None:
    assert (await _get(h, "/named"))[1] == "named"


def test_the_options_come_from_host_json_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", raising=False)
    host_json = tmp_path / "host.json"
    monkeypatch.delenv("PYTHON_THREADPOOL_THREAD_COUNT", raising=False)
    options = HostOptions.read(tmp_path, 0, host_json)
    assert (options.most_body_bytes, options.threads) == (104_857_600, 16)
    host_json.write_text(
        json.dumps(
            {
                "extensions": {
                    "http": {"routePrefix": "v9", "customHeaders": {"X-Frame-Options": "DENY"}},
                    "durableTask": {"maxConcurrentActivityFunctions": 3},
                }
            }
        )
    )
    monkeypatch.setenv("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "220200960")
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", "4")
    options = HostOptions.read(tmp_path, 7, host_json)
    assert options.threads == 4
    assert (options.port, options.route_prefix, options.concurrent_activities) == (7, "v9", 3)
    assert options.most_body_bytes == 220_200_960
    assert options.custom_headers == {"X-Frame-Options": "DENY"}
