"""The unmodified openai client with the emulator: sync and async, v1 and dated, by the SDK's own types."""

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import openai
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
from openai import BaseModel as SDKModel
from openai.types import Batch, FileDeleted, FileObject
from openai.types.chat import ChatCompletion

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import (
    FORTNIGHT,
    ONLINE,
    SCHEMA,
    URL,
    request,
    requests,
    response_format,
)

Model = TypeVar("Model", bound=SDKModel)
VERSION = "2025-04-01-preview"
EXPIRY = {"anchor": "created_at", "seconds": FORTNIGHT}


class Caller:
    """Calls each of the four clients in the same way."""

    def __init__(self, client: Any, runner: asyncio.Runner) -> None:
        self.client = client
        self.runner = runner

    def __call__(self, called: Any) -> Any:
        """The result of a call of the client."""
        if inspect.isawaitable(called):

            async def wait() -> Any:
                return await called

            return self.runner.run(wait())
        return called

    def all(self, pages: Any) -> list[Any]:
        """All items of a list, from all pages."""
        if hasattr(pages, "__aiter__"):

            async def collect() -> list[Any]:
                return [item async for item in pages]

            return self.runner.run(collect())
        return list(pages)

    def stream(self, file_id: str) -> bytes:
        """The content of a file, streamed."""
        response = self.client.files.with_streaming_response.content(file_id)
        if hasattr(response, "__aenter__"):

            async def read() -> bytes:
                async with response as opened:
                    return b"".join([part async for part in opened.iter_bytes(1000)])

            return self.runner.run(read())
        with response as opened:
            return b"".join(opened.iter_bytes(1000))


@pytest.fixture(params=["v1", "v1 async", "dated", "dated async", "dated async with token"])
def call(request: pytest.FixtureRequest, openai_emulator: RunningEmulator) -> Iterator[Caller]:
    url, key = openai_emulator.url, openai_emulator.api_key
    dated: dict[str, Any] = {"azure_endpoint": url, "api_version": VERSION, "max_retries": 0}
    makers: dict[str, Any] = {
        "v1": lambda: OpenAI(base_url=openai_emulator.base_url, api_key=key, max_retries=0),
        "v1 async": lambda: AsyncOpenAI(base_url=openai_emulator.base_url, api_key=key, max_retries=0),
        "dated": lambda: AzureOpenAI(api_key=key, **dated),
        "dated async": lambda: AsyncAzureOpenAI(api_key=key, **dated),
        "dated async with token": lambda: AsyncAzureOpenAI(azure_ad_token_provider=lambda: key, **dated),
    }
    with asyncio.Runner() as runner:
        caller = Caller(makers[request.param](), runner)
        yield caller
        caller(caller.client.close())


def checked(parsed: Any, type_: type[Model]) -> Model:
    """An object of the SDK, validated by its own type. The SDK itself does not validate."""
    assert type(parsed) is type_
    return type_.model_validate(parsed.to_dict(), strict=True)


def test_a_batch_from_upload_to_deletion(openai_emulator: RunningEmulator, call: Caller) -> None:
    client = call.client
    content = ("in.jsonl", requests(6), "application/jsonl")
    created = call(client.files.create(file=content, purpose="batch", expires_after=EXPIRY))
    assert type(created) is FileObject
    openai_emulator.advance(1)
    file = checked(call(client.files.retrieve(created.id)), FileObject)
    assert (file.status, file.filename, file.bytes) == ("processed", "in.jsonl", len(requests(6)))
    assert file.expires_at == file.created_at + FORTNIGHT

    fields = {"input_file_id": file.id, "endpoint": URL, "completion_window": "24h"}
    job = checked(call(client.batches.create(**fields, metadata={"batch_id": "B"})), Batch)
    openai_emulator.advance(30)
    running = checked(call(client.batches.retrieve(job.id)), Batch)
    assert (running.status, running.metadata) == ("in_progress", {"batch_id": "B"})
    assert running.request_counts is not None
    assert (running.request_counts.total, running.request_counts.completed) == (6, 3)
    openai_emulator.advance(30)
    ended = checked(call(client.batches.retrieve(job.id)), Batch)
    assert ended.status == "completed"
    assert ended.output_file_id
    assert ended.error_file_id
    output = call.stream(ended.output_file_id)
    assert output == call(client.files.content(ended.output_file_id)).content
    assert output.count(b"\n") == 6

    listed = [checked(each, Batch) for each in call.all(client.batches.list(limit=1))]
    assert [each.id for each in listed] == [job.id]
    files = [checked(each, FileObject) for each in call.all(client.files.list(limit=2))]
    assert {each.purpose for each in files} == {"batch", "batch_output"}
    assert len(files) == 3
    for each in files:
        assert checked(call(client.files.delete(each.id)), FileDeleted).deleted is True
    assert call.all(client.files.list()) == []


def test_a_failed_and_a_cancelled_job(openai_emulator: RunningEmulator, call: Caller) -> None:
    client = call.client
    content = ("in.jsonl", b"\xef\xbb\xbf" + requests(1), "application/jsonl")
    broken = call(client.files.create(file=content, purpose="batch"))
    good = call(client.files.create(file=("in.jsonl", requests(4), "application/jsonl"), purpose="batch"))
    openai_emulator.advance(1)
    failing, cancelling = (
        call(client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h"))
        for file in (broken, good)
    )
    openai_emulator.advance(30)
    failed = checked(call(client.batches.retrieve(failing.id)), Batch)
    assert failed.status == "failed"
    assert failed.errors is not None
    assert failed.errors.data is not None
    assert failed.errors.data[0].code == "invalid_request"
    assert checked(call(client.batches.cancel(cancelling.id)), Batch).status == "cancelling"
    openai_emulator.advance(10)
    assert checked(call(client.batches.retrieve(cancelling.id)), Batch).status == "cancelled"


def test_uploads_from_a_path_and_from_a_file(
    openai_emulator: RunningEmulator, call: Caller, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(requests(3))
    first = call(call.client.files.create(file=path, purpose="batch"))
    assert (first.filename, first.bytes) == ("in.jsonl", len(requests(3)))
    with path.open("rb") as file:
        second = call(call.client.files.create(file=("b.jsonl", file, "application/jsonl"), purpose="batch"))
    assert call(call.client.files.content(second.id)).content == requests(3)
    assert openai_emulator.ledger()["files"]["uploaded"] == 2


def test_an_online_answer(call: Caller) -> None:
    fields = request(7)["body"]
    completion = checked(
        call(
            call.client.chat.completions.create(
                model=ONLINE, messages=fields["messages"], response_format=response_format(SCHEMA)
            )
        ),
        ChatCompletion,
    )
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens > 100


def test_errors_carry_azures_code(call: Caller) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        call(call.client.files.retrieve("file-nobody"))
    assert (missing.value.code, missing.value.status_code) == ("notFound", 404)


@pytest.mark.parametrize("surface", ["v1", "dated"])
def test_a_wrong_key(openai_emulator: RunningEmulator, surface: str) -> None:
    url = openai_emulator.url
    client = (
        OpenAI(base_url=openai_emulator.base_url, api_key="wrong")
        if surface == "v1"
        else AzureOpenAI(azure_endpoint=url, api_version=VERSION, api_key="wrong")
    )
    with pytest.raises(openai.AuthenticationError) as refused:
        client.files.list()
    assert refused.value.code == "401"


def test_a_wrong_api_version(openai_emulator: RunningEmulator) -> None:
    client = AzureOpenAI(
        azure_endpoint=openai_emulator.url, api_version="2023-05-15", api_key=openai_emulator.api_key
    )
    with pytest.raises(openai.NotFoundError) as refused:
        client.batches.list()
    assert refused.value.code == "404"


def test_retries_of_the_sdk_get_through(openai_emulator: RunningEmulator, call: Caller) -> None:
    openai_emulator.faults({"on": "files.list", "effect": {"status": 429, "retry_after": 0}})
    patient = Caller(call.client.with_options(max_retries=1), call.runner)
    assert patient.all(patient.client.files.list()) == []
    assert [entry["status"] for entry in openai_emulator.journal("files.list")] == [429, 200]
