"""Errors of calls on Azure's files and jobs. Each tells whether the call was carried out.

RemoteError
 ├── Refused           Azure refused the call and did nothing; `code` is the cause
 │    └── QuotaFull    the enqueued-token quota is full: wait and try again
 ├── Throttled         429 or 503, nothing was done; `retry_after` is in seconds
 └── OutcomeUnknown    the call may have been carried out: check before trying again
"""

from collections.abc import Iterator
from contextlib import contextmanager

import openai

from shared.openai_batch.openai_client import azure_message, retry_after_seconds

MISSING_CODE = "404"
QUOTA_CODE = "token_limit_exceeded"
_DEFAULT_RETRY_SECONDS = 30


class RemoteError(Exception):
    """A call to Azure OpenAI failed. The text contains no secret."""


class Refused(RemoteError):
    """Azure refused the call and did nothing. `code` is Azure's code, `MISSING_CODE`, or the HTTP status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code


class QuotaFull(Refused):
    """The deployment's quota of enqueued tokens is used up for now."""


class Throttled(RemoteError):
    """Azure did nothing and asks to try again after `retry_after` seconds."""

    def __init__(self, retry_after: int, message: str) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(RemoteError):
    """The connection broke or timed out, or Azure answered 408, 409 or 5xx.

    The call may have been carried out.
    """


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate the SDK's exceptions inside a `with` block.

    Raises:
        RemoteError: in place of an `openai.APIError` with a status or about the connection.
    """
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error) from error
    except openai.APIConnectionError as error:
        raise OutcomeUnknown("the connection to Azure OpenAI broke or timed out") from error


def _of_status(error: openai.APIStatusError) -> RemoteError:
    status, message = error.status_code, azure_message(error)
    if status in (429, 503):
        seconds = retry_after_seconds(error)
        return Throttled(_DEFAULT_RETRY_SECONDS if seconds is None else seconds, message)
    if status >= 500 or status in (408, 409):
        return OutcomeUnknown(f"HTTP {status}: {message}")
    code = MISSING_CODE if status == 404 else str(error.code or status)
    return (QuotaFull if code == QUOTA_CODE else Refused)(code, message)
