"""The exit code of each exception, and the text for the person: the error and what to do next."""

from scripts.options import Misused
from scripts.transport import ApiError, BadAddress, OutOfReach
from scripts.upload import BadFile, UploadFailed

DONE = 0
FAILED = 1
USAGE = 2
OUT_OF_REACH = 3
# The exit code that shells report for a process that SIGINT ended.
INTERRUPTED = 130

# HTTP statuses that mean a mistake of the caller.
_CALLERS_FAULT = (400, 401, 403, 404, 413, 415, 422)
_UNAVAILABLE = 503

KNOWN = (ApiError, OutOfReach, BadAddress, BadFile, UploadFailed, Misused)

_NEXT = {
    "unauthorized": "Give one of the app's API_KEYS: --api-key, or API_KEY in the environment.",
    "forbidden": "Give a key of API_KEYS in place of one of READ_API_KEYS: --api-key, or API_KEY.",
    "wrong_state": "See its state: --action status with its --batch-id.",
    "idempotency_key_reused": "Leave --idempotency-key out, or give a new one.",
    "unavailable": "Nothing is lost. Run the same command again in a minute.",
    "internal_error": "Search for the correlation id in the app's log.",
}
_NOT_FOUND = (
    ("batch", "--action list shows the batches."),
    ("run", "--action list --runs shows the runs."),
    ("category", "--action status shows the categories."),
    ("product", "--action import brings products in."),
    ("import", "Its id was printed when it was started."),
)


def code_of(error: Exception) -> int:
    """The exit code of one of `KNOWN`."""
    if isinstance(error, OutOfReach):
        return OUT_OF_REACH
    if isinstance(error, ApiError):
        if error.status == _UNAVAILABLE:
            return OUT_OF_REACH
        return USAGE if error.status in _CALLERS_FAULT else FAILED
    return FAILED if isinstance(error, UploadFailed) else USAGE


def explain(error: Exception) -> str:
    """The error's text, its details, and what to do next, in one line each."""
    lines = [str(error)]
    if isinstance(error, ApiError):
        known = error.details.get("known")
        if known:
            lines.append(f"Known: {', '.join(map(str, known))}.")
        if error.details.get("correlation_id"):
            lines.append(f"Correlation id: {error.details['correlation_id']}")
        hint = _next_step(error)
        if hint and not known:
            lines.append(hint)
    return "\n".join(lines)


def _next_step(error: ApiError) -> str | None:
    if error.code != "not_found":
        return _NEXT.get(error.code)
    message = str(error).removeprefix("not_found: ")
    return next((hint for what, hint in _NOT_FOUND if message.startswith(f"There is no {what}")), None)
