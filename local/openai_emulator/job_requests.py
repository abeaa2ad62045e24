"""Reads and checks the body of `batches.create`, and refuses what Azure refuses immediately.

The input is an uploaded file, or a blob in the customer's own storage (source: learn.microsoft.com,
"Configuring Azure Blob Storage for Azure OpenAI").
"""

from dataclasses import dataclass
from typing import Any

from local.openai_emulator import refusals
from local.openai_emulator.refusals import Refusal

WINDOW = "24h"
# Allowed expiry in seconds: 14 to 30 days (learn.microsoft.com, "Input file expiration").
MIN_EXPIRY = 1_209_600
MAX_EXPIRY = 2_592_000
_ENDPOINTS = frozenset({"/v1/chat/completions", "/chat/completions"})
# Source: OpenAI API reference, "metadata".
_MAX_PAIRS, _MAX_KEY, _MAX_VALUE = 16, 64, 512


@dataclass(frozen=True)
class JobRequest:
    """A requested job: with `input_file_id`, or with `input_blob` and `output_folder`, which are URLs."""

    endpoint: str
    metadata: dict[str, str] | None = None
    input_file_id: str | None = None
    input_blob: str | None = None
    output_folder: str | None = None
    output_expiry_seconds: int | None = None

    @classmethod
    def read(cls, body: dict[str, Any]) -> "JobRequest":
        """Read the body of a create call.

        Raises:
            Refusal: when the service would refuse it immediately.
        """
        if body.get("completion_window") != WINDOW:
            raise Refusal(refusals.WRONG_WINDOW, window=body.get("completion_window"))
        endpoint = body.get("endpoint")
        if endpoint not in _ENDPOINTS:
            raise Refusal(refusals.WRONG_ENDPOINT, endpoint=endpoint)
        metadata = _metadata(body.get("metadata"))
        if "input_blob" in body or "output_folder" in body:
            return cls._of_blob(str(endpoint), metadata, body)
        file_id = body.get("input_file_id")
        if not isinstance(file_id, str) or not file_id:
            raise invalid("The input_file_id field is required.")
        expiry = _output_expiry(body.get("output_expires_after"))
        return cls(str(endpoint), metadata, input_file_id=file_id, output_expiry_seconds=expiry)

    @classmethod
    def _of_blob(cls, endpoint: str, metadata: dict[str, str] | None, body: dict[str, Any]) -> "JobRequest":
        blob, folder = body.get("input_blob"), body.get("output_folder")
        url = folder.get("url") if isinstance(folder, dict) else None
        if not isinstance(blob, str) or not isinstance(url, str):
            raise invalid("input_blob and output_folder.url must both be given, as URLs.")
        if body.get("input_file_id"):
            raise invalid("input_file_id and input_blob exclude each other.")
        if metadata is not None:
            raise invalid("metadata is not supported together with input_blob.")
        return cls(endpoint, input_blob=blob, output_folder=url)


def check_expiry(seconds: int) -> int:
    """Returns `seconds` if it is an allowed expiry.

    Raises:
        Refusal: when it is not between 14 and 30 days.
    """
    if not MIN_EXPIRY <= seconds <= MAX_EXPIRY:
        raise invalid(f"expires_after.seconds must be between {MIN_EXPIRY} and {MAX_EXPIRY}.")
    return seconds


def invalid(reason: str) -> Refusal:
    """The refusal of a request body that is not valid."""
    return Refusal(refusals.INVALID_PAYLOAD, reason=reason)


def _metadata(given: Any) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise invalid("metadata must be an object whose values are strings.")
    if len(given) > _MAX_PAIRS or any(
        len(key) > _MAX_KEY or len(value) > _MAX_VALUE for key, value in given.items()
    ):
        raise invalid(
            f"metadata takes at most {_MAX_PAIRS} pairs, with keys of {_MAX_KEY} and values of {_MAX_VALUE} "
            "characters."
        )
    return given


def _output_expiry(given: Any) -> int | None:
    if given is None:
        return None
    seconds = given.get("seconds") if isinstance(given, dict) else None
    if not isinstance(seconds, int) or given.get("anchor") != "created_at":
        raise invalid("output_expires_after needs the anchor 'created_at' and seconds.")
    return check_expiry(seconds)
