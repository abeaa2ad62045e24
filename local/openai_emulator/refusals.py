"""Azure's refusals: their codes and messages, in one place.

Sources: learn.microsoft.com "Getting started with Azure OpenAI batch deployments" (error codes), the Azure
OpenAI REST reference (codes of the files API), and responses quoted in public issue threads.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Documented:
    """A documented refusal. `message` may have placeholders. `status` is 0 for errors inside a failed job."""

    status: int
    code: str
    message: str


class Refusal(Exception):
    """The call is refused with an HTTP error. `body()` has Azure's shape."""

    def __init__(self, documented: Documented, **slots: object) -> None:
        self.status = documented.status
        self.code = documented.code
        self.message = documented.message.format(**slots)
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message}}


def job_error(documented: Documented, line: int | None = None, **slots: object) -> dict[str, Any]:
    """One entry of a failed job's `errors.data`."""
    return {
        "code": documented.code,
        "message": documented.message.format(**slots),
        "line": line,
        "param": None,
    }


def in_short(number: int) -> str:
    """A limit as Azure writes it: 30K, 5M, 2B; any other number in full."""
    for letter, unit in (("B", 10**9), ("M", 10**6), ("K", 1000)):
        if number >= unit and number % unit == 0:
            return f"{number // unit}{letter}"
    return str(number)


NO_ACCESS = Documented(
    401,
    "401",
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key "
    "for an active subscription and use a correct regional API endpoint for your resource.",
)
NO_RESOURCE = Documented(404, "404", "Resource not found")
INVALID_PAYLOAD = Documented(400, "invalidPayload", "{reason}")
FILE_TOO_LARGE = Documented(400, "invalidPayload", "The file is larger than the maximum of {maximum} bytes.")
FILES_WITHOUT_EXPIRY = Documented(
    400, "quotaExceeded", "The quota for files without expiry is reached. The maximum is {maximum}."
)
FILES_WITH_EXPIRY = Documented(
    400, "quotaExceeded", "The quota for files with expiry is reached. The maximum is {maximum}."
)
FILE_NOT_FOUND = Documented(404, "notFound", "File with id '{id}' was not found.")
BATCH_NOT_FOUND = Documented(404, "notFound", "Batch with id '{id}' was not found.")
FILE_NOT_PROCESSED = Documented(400, "invalidPayload", "Only files with status 'Processed' are accepted.")
WRONG_WINDOW = Documented(
    400, "invalidPayload", "Invalid completion_window: '{window}'. The only supported value is '24h'."
)
WRONG_ENDPOINT = Documented(
    400, "invalidPayload", "Invalid endpoint: '{endpoint}'. Supported here: '/v1/chat/completions'."
)
NOT_CANCELLABLE = Documented(400, "invalidPayload", "Cannot cancel a batch with status '{status}'.")
NO_DEPLOYMENT = Documented(
    404,
    "DeploymentNotFound",
    "The API deployment for this resource does not exist. If you created the deployment within the last "
    "5 minutes, please wait a moment and try again.",
)
NOT_ONLINE = Documented(
    400,
    "OperationNotSupported",
    "The chatCompletion operation does not work with the specified model, {model}. Please choose different "
    "model and try again. You can learn more about which models can be used with each operation here: "
    "https://go.microsoft.com/fwlink/?linkid=2197993.",
)
_ENQUEUED_TOO_MUCH = (
    "The number of enqueued tokens has surpassed the configured limit of {limit} for the deployment "
    "'{deployment}'. Please either increase the limit or try again once the current jobs have finished."
)
TOKEN_LIMIT = Documented(400, "token_limit_exceeded", _ENQUEUED_TOO_MUCH)
TOKEN_LIMIT_JOB = Documented(0, "token_limit_exceeded", _ENQUEUED_TOO_MUCH)

EMPTY_FILE = Documented(
    0,
    "empty_file",
    "The input file is empty. Please ensure that the batch contains at least one request.",
)
# This message does not describe the problem, but it is the documented one.
EMPTY_BATCH = Documented(
    0,
    "empty_batch",
    "Please check your input file to ensure that the custom ID parameter is unique for each request in the "
    "batch.",
)
NO_MODEL_NAME = Documented(
    0,
    "invalid_request",
    "Validation failed: A valid model deployment name couldn't be extracted from the input file. Please "
    "ensure that each row in the input file has a valid deployment name specified in the 'model' field, and "
    "that the deployment name is consistent across all rows.",
)
INVALID_JSON_LINE = Documented(
    0,
    "invalid_json_line",
    "A line (or multiple) in your input file wasn't able to be parsed as valid json. Please ensure no typos, "
    "proper opening and closing brackets, and quotes as per JSON standard, and resubmit the request.",
)
INVALID_REQUEST = Documented(
    0,
    "invalid_request",
    "The schema of the input line is invalid or the deployment SKU is invalid. Please ensure the properties "
    "of the request in your input file match the expected input properties, and that the Azure OpenAI "
    "deployment SKU is globalbatch for batch API requests.",
)
TOO_MANY_TASKS = Documented(
    0,
    "too_many_tasks",
    "The number of requests in the input file exceeds the maximum allowed value of {maximum}. Please ensure "
    "your total requests are under {maximum} and resubmit the job.",
)
URL_MISMATCH = Documented(
    0,
    "url_mismatch",
    "Either a row in your input file has a URL that doesn't match the rest of the rows, or the URL specified "
    "in the input file doesn't match the expected endpoint URL. Please ensure all request URLs are the same, "
    "and that they match the endpoint URL associated with your Azure OpenAI deployment.",
)
MODEL_NOT_FOUND = Documented(
    0,
    "model_not_found",
    "The Azure OpenAI model deployment name that was specified in the model property of the input file "
    "wasn't found. Please ensure this name points to a valid Azure OpenAI model deployment.",
)
DUPLICATE_CUSTOM_ID = Documented(
    0,
    "duplicate_custom_id",
    "The custom ID for this request is a duplicate of the custom ID in another request.",
)
MODEL_MISMATCH = Documented(
    0,
    "model_mismatch",
    "The Azure OpenAI model deployment name that was specified in the model property of this request in the "
    "input file doesn't match the rest of the file. Please ensure that all requests in the batch point to "
    "the same Azure OpenAI Service model deployment in the model property of the request.",
)
BLOB_TOO_LARGE = Documented(
    0, "invalid_request", "The input blob is larger than the maximum of {maximum} bytes."
)
INPUT_MODIFIED = Documented(
    0, "input_modified", "Blob input has been modified after the batch job has been submitted."
)
INPUT_NO_PERMISSIONS = Documented(
    0,
    "input_no_permissions",
    "It's not possible to access the input blob. Please check permissions and network access between the "
    "Azure OpenAI account and Azure Storage account.",
)
BATCH_CANCELLED = Documented(0, "batch_cancelled", "This request was not executed: the batch was cancelled.")
BATCH_EXPIRED = Documented(
    0,
    "batch_expired",
    "This request could not be executed before the completion window expired.",
)
