"""Errors of calls on Azure's files and jobs. Each tells whether the call was carried out.

RemoteError
 ├── Refused           Azure refused the call and did nothing; `code` is the cause
 │    └── QuotaFull    the enqueued-token quota is full: wait and try again
 ├── NoAccess          every call fails, until a key, an address, the network or a deployment is corrected
 ├── Throttled         429 or 503, nothing was done; `retry_after` is in seconds
 └── OutcomeUnknown    the call may have been carried out: check before trying again
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from shared.openai_batch.openai_client import NoToken, azure_message, retry_after_seconds
from shared.openai_batch.remedies import NO_CONNECTION, NO_TOKEN

MISSING_CODE = "404"
QUOTA_CODE = "token_limit_exceeded"
_DEFAULT_RETRY_SECONDS = 30
_NO_ACCESS_STATUSES = frozenset({401, 403})
_NO_DEPLOYMENT_CODES = frozenset({"DeploymentNotFound", "model_not_found"})


class RemoteError(Exception):
    """A call to Azure OpenAI failed. The text contains no secret."""


class Refused(RemoteError):
    """Azure refused the call and did nothing. `code` is Azure's code, `MISSING_CODE`, or the HTTP status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code


class QuotaFull(Refused):
    """The deployment's quota of enqueued tokens is used up for now."""


class NoAccess(RemoteError):
    """Azure OpenAI cannot be used, and nothing was done. The cause is not this call: every call fails.

    `code` is the HTTP status, a code of a missing deployment, `NO_CONNECTION` or `NO_TOKEN`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


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
def translated_errors(names_object: bool = False) -> Iterator[None]:
    """Translate the SDK's exceptions inside a `with` block.

    `names_object`: the call names a file or a job. Only then can a 404 be about that object; otherwise the
    endpoint is wrong.

    Raises:
        RemoteError: in place of an `openai.APIError` with a status or about the connection.
    """
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error, names_object) from error
    except NoToken as error:
        raise NoAccess(NO_TOKEN, str(error)) from error
    except openai.APIConnectionError as error:
        if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
            raise NoAccess(NO_CONNECTION, "no connection to Azure OpenAI can be opened") from error
        raise OutcomeUnknown("the connection to Azure OpenAI broke or timed out") from error


def _of_status(error: openai.APIStatusError, names_object: bool) -> RemoteError:
    status, message = error.status_code, azure_message(error)
    if status in (429, 503):
        seconds = retry_after_seconds(error)
        return Throttled(_DEFAULT_RETRY_SECONDS if seconds is None else seconds, message)
    if status >= 500 or status in (408, 409):
        return OutcomeUnknown(f"HTTP {status}: {message}")
    if status in _NO_ACCESS_STATUSES:
        return NoAccess(str(status), message)
    if status == 404 and (error.code in _NO_DEPLOYMENT_CODES or not names_object):
        return NoAccess(error.code if error.code in _NO_DEPLOYMENT_CODES else MISSING_CODE, message)
    code = MISSING_CODE if status == 404 else str(error.code or status)
    return (QuotaFull if code == QUOTA_CODE else Refused)(code, message)
