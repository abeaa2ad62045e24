"""Shared by the emulator's tests: request lines, a client, and functions that run a job."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal, cast

import httpx2
import openai
import orjson
from openai.types import Batch, FileObject

from local.openai_emulator import RunningEmulator

BATCH = "gpt-41-batch"
ONLINE = "gpt-41-online"
REASONING = "gpt-5-batch"
URL: Literal["/v1/chat/completions"] = "/v1/chat/completions"
FORTNIGHT = 1_209_600


def strict(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An object schema that strict mode accepts."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


TEXTS = strict(
    {
        "overview": {"type": "string", "description": "20 to 30 words"},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "2 to 4 items"},
    }
)
SCHEMA = strict({"de-DE": {"$ref": "#/$defs/texts"}, "en-GB": {"$ref": "#/$defs/texts"}}) | {
    "$defs": {"texts": TEXTS}
}


def response_format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "content", "strict": True, "schema": schema}}


def request(number: int, **body: Any) -> dict[str, Any]:
    """The request for product `P-<number>`. `body` replaces fields of its body; None removes a field."""
    product = {"id": f"P-{number:03d}", "name": f"Ardena {number}", "brand": "Ardena"}
    fields = {
        "model": BATCH,
        "messages": [
            {"role": "system", "content": "You write about instruments."},
            {"role": "user", "content": f"Write about this product.\n{orjson.dumps(product).decode()}"},
        ],
        "response_format": response_format(SCHEMA),
        **body,
    }
    return {
        "custom_id": f"line-{number}",
        "method": "POST",
        "url": URL,
        "body": {name: value for name, value in fields.items() if value is not None},
    }


def jsonl(requests: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in requests)


def requests(count: int) -> bytes:
    return jsonl(request(number) for number in range(count))


def client_of(emulator: RunningEmulator, **options: Any) -> openai.OpenAI:
    client = _client(emulator.base_url, emulator.api_key)
    return client.with_options(**options) if options else client


@lru_cache(maxsize=4)
def _client(url: str, key: str) -> openai.OpenAI:
    # Cached, because reading certificates would otherwise take half of a test's time.
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0)


def call(
    emulator: RunningEmulator, method: str, path: str, key: str | None = None, **options: Any
) -> httpx2.Response:
    """A call without the SDK. The path begins with a slash; `key` replaces the correct key."""
    headers = {"api-key": emulator.api_key if key is None else key} | options.pop("headers", {})
    return httpx2.request(method, f"{emulator.url}{path}", headers=headers, **options)


def upload(emulator: RunningEmulator, content: bytes, **options: Any) -> FileObject:
    """Upload an input file and wait until it is processed."""
    client = client_of(emulator)
    created = client.files.create(
        file=("input.jsonl", content, "application/jsonl"), purpose="batch", **options
    )
    emulator.advance(emulator.config.pending_seconds)
    return client.files.retrieve(created.id)


def submit(emulator: RunningEmulator, content: bytes, **options: Any) -> Batch:
    """Upload an input file and create its job."""
    file = upload(emulator, content)
    fields: dict[str, Any] = {
        "input_file_id": file.id,
        "endpoint": URL,
        "completion_window": "24h",
        **options,
    }
    return client_of(emulator).batches.create(**fields)


def retrieve(emulator: RunningEmulator, job: Batch) -> Batch:
    return client_of(emulator).batches.retrieve(job.id)


def finish(emulator: RunningEmulator, content: bytes, **options: Any) -> Batch:
    """Upload the input, create the job, and advance the clock to the job's end."""
    job = submit(emulator, content, **options)
    emulator.advance(emulator.config.job_seconds)
    return retrieve(emulator, job)


def lines(emulator: RunningEmulator, file_id: str | None) -> list[dict[str, Any]]:
    """The lines of a result file, in the order of the file."""
    assert file_id
    content = client_of(emulator).files.content(file_id).content
    return [cast("dict[str, Any]", orjson.loads(line)) for line in content.splitlines()]


def answer(line: dict[str, Any]) -> Any:
    """The model's answer in an output line, parsed as JSON."""
    return orjson.loads(line["response"]["body"]["choices"][0]["message"]["content"])


def refusal_of(error: openai.APIStatusError) -> tuple[int, str | None, str]:
    """Status, code and message of a refused call."""
    body = cast("dict[str, Any]", error.body)
    return error.status_code, body["code"], body["message"]
