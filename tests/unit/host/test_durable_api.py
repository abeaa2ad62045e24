"""The Durable HTTP API call by call, as `docs/host.md` lists it: statuses, headers and bodies."""

from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted, on_host

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
API = "/runtime/webhooks/durabletask"


@app.activity_trigger(input_name="value")
def double(value: int) -> int:
    return value * 2


@app.activity_trigger(input_name="value")
def fail(value: int) -> int:
    raise ValueError(f"not {value}")


@app.orchestration_trigger(context_name="context")
def wait(context: df.DurableOrchestrationContext) -> Any:
    result = yield context.call_activity("double", 4)
    yield context.wait_for_external_event("end")
    return result


@app.orchestration_trigger(context_name="context")
def failing(context: df.DurableOrchestrationContext) -> Any:
    yield context.call_activity("fail", 1)


@app.orchestration_trigger(context_name="context")
def parent(context: df.DurableOrchestrationContext) -> Any:
    result = yield context.call_sub_orchestrator("echo", {"a": 1}, "child")
    return result


@app.orchestration_trigger(context_name="context")
def echo(context: df.DurableOrchestrationContext) -> Any:
    return context.get_input()


@app.route("start", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance_id = await client.start_new("wait")
    answer: func.HttpResponse = client.create_check_status_response(req, instance_id)
    return answer


FUNCTIONS = load(f"{__name__}:app")


async def _call(h: Hosted, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
    async with h.http.request(method, h.host.url + API + path, **options) as got:
        text = await got.text()
        return got.status, (await got.json() if text else None), got.headers


@hosted(FUNCTIONS)
async def test_a_start_answers_202_with_where_to_look(h: Hosted) -> None:
    status, body, headers = await _call(h, "POST", "/orchestrators/wait/mine", json={"a": 1})
    instance = f"{h.host.url}{API}/instances/mine"
    query = "taskHub=local&connection=Storage"
    assert status == 202
    assert headers["Location"] == f"{instance}?{query}"
    assert headers["Retry-After"] == "10"
    assert body == {
        "id": "mine",
        "statusQueryGetUri": f"{instance}?{query}",
        "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{query}",
        "terminatePostUri": f"{instance}/terminate?reason={{text}}&{query}",
        "purgeHistoryDeleteUri": f"{instance}?{query}",
        "restartPostUri": f"{instance}/restart?{query}",
        "suspendPostUri": f"{instance}/suspend?reason={{text}}&{query}",
        "resumePostUri": f"{instance}/resume?reason={{text}}&{query}",
    }


@hosted(FUNCTIONS)
async def test_a_start_without_an_id_and_without_a_body(h: Hosted) -> None:
    status, body, _ = await _call(h, "POST", "/orchestrators/echo")
    assert status == 202
    await h.settle()
    assert (await h.client.get_status(body["id"])).output is None


@hosted(FUNCTIONS)
async def test_a_start_takes_json_as_it_is(h: Hosted) -> None:
    await _call(h, "POST", "/orchestrators/echo/mine", json={"a": [1]})
    await h.settle()
    _, body, _ = await _call(h, "GET", "/instances/mine")
    assert (body["input"], body["output"]) == ({"a": [1]}, {"a": [1]})


@hosted(FUNCTIONS)
async def test_refused_starts(h: Hosted) -> None:
    status, body, _ = await _call(h, "POST", "/orchestrators/nobody")
    assert status == 400
    assert "The function 'nobody' doesn't exist" in body["ExceptionMessage"]
    status, body, _ = await _call(h, "POST", "/orchestrators/echo", data="{")
    assert (status, body["Message"]) == (400, "Invalid JSON content")
    await _call(h, "POST", "/orchestrators/wait/mine")
    await h.settle()
    status, body, _ = await _call(h, "POST", "/orchestrators/wait/mine")
    message = "An Orchestration instance with the status Running already exists."
    assert (status, body) == (409, {"Message": message})


@hosted(FUNCTIONS)
async def test_the_status_of_one_that_runs_says_when_to_look_again(h: Hosted) -> None:
    await h.start("wait", {"a": 1}, "mine")
    await h.settle()
    status, body, headers = await _call(h, "GET", "/instances/mine?showInput=true")
    assert status == 202
    assert headers["Location"] == f"{h.host.url}{API}/instances/mine?showInput=true"
    assert headers["Retry-After"] == "5"
    assert body == {
        "name": "wait",
        "instanceId": "mine",
        "runtimeStatus": "Running",
        "input": '{"a": 1}',
        "customStatus": None,
        "output": None,
        "createdTime": "2026-03-02T12:00:00Z",
        "lastUpdatedTime": "2026-03-02T12:00:00Z",
    }
    _, body, _ = await _call(h, "GET", "/instances/mine?showInput=false")
    assert body["input"] is None


@hosted(FUNCTIONS)
async def test_the_status_of_one_that_has_ended(h: Hosted) -> None:
    for name, instance_id in (("echo", "good"), ("failing", "bad")):
        await h.start(name, None, instance_id)
    await h.settle()
    status, body, headers = await _call(h, "GET", "/instances/good")
    assert (status, body["runtimeStatus"]) == (200, "Completed")
    assert "Location" not in headers
    status, body, _ = await _call(h, "GET", "/instances/bad")
    assert (status, body["runtimeStatus"]) == (200, "Failed")
    assert (await _call(h, "GET", "/instances/bad?returnInternalServerErrorOnFailure=true"))[0] == 500
    assert (await _call(h, "GET", "/instances/nobody"))[:2] == (404, None)


@hosted(FUNCTIONS)
async def test_a_history_folds_tasks_into_one_event_each(h: Hosted) -> None:
    await h.start("wait", 1, "mine")
    await h.settle()
    await h.client.raise_event("mine", "end", {"secret": 1})
    await h.settle()
    _, body, _ = await _call(h, "GET", "/instances/mine?showHistory=true")
    events = [{k: v for k, v in event.items() if not k.endswith("Time")} for event in body["historyEvents"]]
    at = "2026-03-02T12:00:00.000000Z"
    assert events == [
        {"EventType": "ExecutionStarted", "Timestamp": at, "FunctionName": "wait"},
        {"EventType": "TaskCompleted", "Timestamp": at, "FunctionName": "double"},
        {"EventType": "EventRaised", "Timestamp": at, "Name": "end"},
        {"EventType": "ExecutionCompleted", "Timestamp": at, "OrchestrationStatus": "Completed"},
    ]
    assert body["historyEvents"][1]["ScheduledTime"] == at
    _, body, _ = await _call(h, "GET", "/instances/mine?showHistory=true&showHistoryOutput=true")
    assert body["historyEvents"][1]["Result"] == 8
    assert body["historyEvents"][-1]["Result"] == 8


@hosted(FUNCTIONS)
async def test_a_history_of_failures_children_and_what_has_not_ended(h: Hosted) -> None:
    for name in ("failing", "parent"):
        await h.start(name, None, name)
    await h.settle()
    _, body, _ = await _call(h, "GET", "/instances/failing?showHistory=true")
    assert body["historyEvents"][1]["EventType"] == "TaskFailed"
    assert body["historyEvents"][1]["Reason"] == "Activity function 'fail' failed: ValueError: not 1"
    _, body, _ = await _call(h, "GET", "/instances/parent?showHistory=true&showHistoryOutput=true")
    child = body["historyEvents"][1]
    assert (child["EventType"], child["FunctionName"]) == ("SubOrchestrationInstanceCompleted", "echo")
    assert child["Result"] == {"a": 1}


@hosted(FUNCTIONS)
async def test_the_list_has_pages(h: Hosted) -> None:
    for number in range(5):
        await h.start("echo", None, f"i{number}")
    await h.settle()
    _, body, headers = await _call(h, "GET", "/instances?top=3")
    assert [instance["instanceId"] for instance in body] == ["i0", "i1", "i2"]
    token = {"x-ms-continuation-token": headers["x-ms-continuation-token"]}
    _, body, headers = await _call(h, "GET", "/instances/?top=3", headers=token)
    assert [instance["instanceId"] for instance in body] == ["i3", "i4"]
    assert headers["x-ms-continuation-token"] == ""
    # Parameters that cannot be parsed are ignored.
    _, body, _ = await _call(h, "GET", "/instances?top=x&createdTimeFrom=never&showInput=maybe")
    assert len(body) == 5


@hosted(FUNCTIONS)
async def test_events(h: Hosted) -> None:
    await h.start("wait", None, "mine")
    await h.settle()
    path = "/instances/mine/raiseEvent/end"
    status, body, _ = await _call(h, "POST", path, data="1", headers={"Content-Type": "text/plain"})
    assert (status, body["Message"]) == (400, "Only application/json request content is supported")
    status, body, _ = await _call(h, "POST", path, data="{", headers={"Content-Type": "application/json"})
    assert (status, body["Message"]) == (400, "Invalid JSON content")
    assert (await _call(h, "POST", path, json=None, headers={"Content-Type": "application/json"}))[0] == 400
    assert (await _call(h, "POST", path, json=1))[:2] == (202, None)
    await h.settle()
    assert (await _call(h, "POST", path, json=1))[:2] == (410, None)
    assert (await _call(h, "POST", "/instances/nobody/raiseEvent/end", json=1))[:2] == (404, None)


@hosted(FUNCTIONS)
async def test_suspend_resume_and_terminate(h: Hosted) -> None:
    await h.start("wait", None, "mine")
    await h.settle()
    for call in ("suspend", "resume", "terminate"):
        assert (await _call(h, "POST", f"/instances/mine/{call}?reason=why"))[:2] == (202, None)
    _, body, _ = await _call(h, "GET", "/instances/mine")
    assert (body["runtimeStatus"], body["output"]) == ("Terminated", "why")
    for call in ("suspend", "resume", "terminate"):
        assert (await _call(h, "POST", f"/instances/mine/{call}"))[:2] == (410, None)
        assert (await _call(h, "POST", f"/instances/nobody/{call}"))[:2] == (404, None)


@hosted(FUNCTIONS)
async def test_purges(h: Hosted) -> None:
    await h.start("wait", None, "mine")
    await h.settle()
    status, body, _ = await _call(h, "DELETE", "/instances/mine")
    assert status == 412
    assert body.endswith("the orchestration with instance ID mine has status Running")
    await _call(h, "POST", "/instances/mine/terminate")
    assert (await _call(h, "DELETE", "/instances/mine"))[:2] == (200, {"instancesDeleted": 1})
    assert (await _call(h, "DELETE", "/instances/mine"))[:2] == (404, None)


@hosted(FUNCTIONS)
async def test_purges_of_many(h: Hosted) -> None:
    await h.start("parent", None, "p")
    await h.start("wait", None, "w")
    await h.settle()
    status, body, _ = await _call(h, "DELETE", "/instances")
    assert (status, body) == (400, "Please provide value for 'createdTimeFrom' parameter.")
    path = "/instances/?createdTimeFrom=2026-01-01T00:00:00Z"
    assert (await _call(h, "DELETE", path))[:2] == (200, {"instancesDeleted": 2})
    assert (await _call(h, "DELETE", path))[:2] == (404, None)
    assert [instance.id for instance in h.host.store.instances()] == ["w"]


@hosted(FUNCTIONS)
async def test_restarts_and_the_rewind_that_is_not_served(h: Hosted) -> None:
    await h.start("wait", None, "mine")
    await h.settle()
    status, body, _ = await _call(h, "POST", "/instances/mine/restart?restartWithNewInstanceId=false")
    assert status == 409
    status, body, _ = await _call(h, "POST", "/instances/mine/restart")
    assert status == 202
    assert body["id"] != "mine"
    status, body, _ = await _call(h, "POST", "/instances/nobody/restart")
    assert (status, body["Message"]) == (400, "InstanceId does not match a valid orchestration instance.")
    assert (await _call(h, "POST", "/instances/mine/rewind"))[0] == 501
    assert (await _call(h, "POST", "/instances/nobody/rewind"))[0] == 404


@hosted(FUNCTIONS)
async def test_the_urls_of_a_check_status_response_work(h: Hosted) -> None:
    async with h.http.post(h.host.url + "/api/start") as got:
        assert got.status == 202
        urls = await got.json()
        assert got.headers["Location"] == urls["statusQueryGetUri"]
    await h.settle()
    async with h.http.get(urls["statusQueryGetUri"]) as got:
        assert (await got.json())["runtimeStatus"] == "Running"
    async with h.http.post(urls["sendEventPostUri"].replace("{eventName}", "end"), json=1) as got:
        assert got.status == 202
    await h.settle()
    async with h.http.delete(urls["purgeHistoryDeleteUri"]) as got:
        assert got.status == 200


@hosted(FUNCTIONS)
async def test_waiting_for_completion(h: Hosted) -> None:
    """The client polls by the real clock, so the orchestration has ended before it is waited for."""
    instance_id = await h.start("echo", "done")
    await h.settle()
    request = func.HttpRequest(method="POST", url=h.host.url + "/api/start", body=b"")
    answer = await h.client.wait_for_completion_or_create_check_status_response(request, instance_id)
    assert (answer.status_code, answer.get_body()) == (200, b"done")


@hosted(FUNCTIONS)
async def test_the_host_reports_that_it_runs(h: Hosted) -> None:
    async with h.http.get(h.host.url + "/admin/host/status") as got:
        assert (got.status, (await got.json())["state"]) == (200, "Running")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://shop.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.shop.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://[oops"},
        {"Host": "shop.example"},
        {"Host": "127.0.0.1.shop.example"},
        {"Host": "localhost:1"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/host/status"),
        ("POST", "/admin/functions/nightly"),
        ("POST", f"{API}/orchestrators/echo"),
        ("GET", f"{API}/instances"),
        ("DELETE", f"{API}/instances/x"),
        ("GET", "/ADMIN/host/status"),
    ],
)
def test_a_page_of_another_site_does_not_manage_the_host(
    tmp_path: Path, method: str, path: str, headers: dict[str, str]
) -> None:
    async def refused(h: Hosted) -> None:
        async with h.http.request(method, h.host.url + path, json={}, headers=headers) as got:
            assert got.status == 403
        assert h.host.store.instances() == []

    on_host(FUNCTIONS, tmp_path, refused)


@hosted(FUNCTIONS)
async def test_a_page_of_this_host_may_manage_it(h: Hosted) -> None:
    for url in (h.host.url, h.host.url.replace("127.0.0.1", "localhost")):
        headers = {"Origin": url, "Host": url.removeprefix("http://")}
        async with h.http.get(h.host.url + "/admin/host/status", headers=headers) as got:
            assert got.status == 200
