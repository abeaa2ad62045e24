"""An HTTP transport between the app and Azure OpenAI that fails at the injector's points."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import httpx2
import openai

from shared.config.settings import Settings
from tests.faults.harness.points import STATUS, Fault


class Meets(Protocol):
    """Carries out a call or fails it. See `Process.meet`."""

    def meet(
        self, call: str, writes: bool, carry_out: Callable[[], Any], fail: Callable[[Fault], Any]
    ) -> Any: ...


class _Transport(httpx2.BaseTransport):
    """Azure OpenAI over HTTP, with the faults of a network and of a service."""

    # Shared by all processes, because making one reads every certificate of the machine.
    _wire = httpx2.HTTPTransport(verify=False)

    def __init__(self, process: Meets) -> None:
        self._process = process

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        path = re.sub(r"/(file|batch)[-_][^/?]+", r"/<\1>", request.url.path.split("/openai/v1", 1)[-1])
        call, writes = f"Azure OpenAI {request.method} {path}", request.method != "GET"

        def fail(fault: Fault) -> httpx2.Response:
            if fault in STATUS:
                body = {"error": {"code": str(STATUS[fault]), "message": "a fault"}}
                headers = {"retry-after": "7"}
                return httpx2.Response(STATUS[fault], json=body, headers=headers, request=request)
            if fault == Fault.DROPPED:
                raise httpx2.RemoteProtocolError("the connection was dropped", request=request)
            raise httpx2.ReadTimeout("no answer came", request=request)

        def carry_out() -> httpx2.Response:
            answer = self._wire.handle_request(request)
            if answer.status_code == 200 and path.endswith("/content"):
                answer.stream = _Stream(self._process, answer.stream)
            return answer

        answer: httpx2.Response = self._process.meet(call, writes, carry_out, fail)
        return answer


class _Stream(httpx2.SyncByteStream):
    """A download that may break off after its first piece."""

    def __init__(self, process: Meets, real: Any) -> None:
        self._process, self._real = process, real

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._real:
            half = len(piece) // 2
            yield piece[:half]
            self._process.meet("Azure OpenAI download half way", False, lambda: None, _broken)
            yield piece[half:]

    def close(self) -> None:
        self._real.close()


def _broken(_: Fault) -> Any:
    raise httpx2.ReadError("the connection broke in the middle of a file")


def openai_client(process: Meets, settings: Settings) -> openai.OpenAI:
    """Without the SDK's own retries, which sleep: a fault that they would hide is met by the app here."""
    wire = httpx2.Client(transport=_Transport(process), trust_env=False)
    return openai.OpenAI(
        base_url=f"{settings.azure_openai_endpoint}/openai/v1/",
        api_key=settings.openai_api_key.get_secret_value(),
        http_client=wire,
        max_retries=0,
    )
