"""Errors that are meant to be read by a person.

    AppError
     ├── InvalidRequest      400  a parameter or a body is wrong
     ├── Unauthorized        401  no key, or a wrong one
     ├── Forbidden           403  a read-only key, where a key that operates is needed
     ├── NotFound            404  no such batch, run, import or product
     ├── Discontinued        410  a product that the shop no longer carries
     ├── WrongState          409  the request is not possible in the current state
     ├── UnreadableRow       409  what is stored does not fit this version of the app
     ├── PayloadTooLarge     413  a body over the limit
     ├── UnsupportedMedia    415  a body of a type that is not supported
     ├── KeyReused           422  an Idempotency-Key that was used with another request
     ├── NotConfigured       501  the request needs a setting that is not set
     └── Unavailable         503  a service that the app depends on does not answer
    SettingsError            the app must not start: a setting is missing or wrong

Triggers turn an `AppError` into `{"error": {"code", "message", "details"}}`; any other
exception is a bug and becomes a 500 with a correlation id.
"""

from typing import Any, ClassVar


class AppError(Exception):
    """An error with an HTTP answer. The message says what was wrong, where, and what to do.

    `details` is JSON-ready and holds no secrets.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidRequest(AppError):
    status = 400
    code = "invalid_request"


class Unauthorized(AppError):
    status = 401
    code = "unauthorized"


class Forbidden(AppError):
    status = 403
    code = "forbidden"


class Discontinued(AppError):
    status = 410
    code = "discontinued"


class NotFound(AppError):
    status = 404
    code = "not_found"


class WrongState(AppError):
    status = 409
    code = "wrong_state"


class UnreadableRow(AppError):
    """A stored row or line that does not fit this version of the app.

    `row` names it. Callers that read many rows leave it out and report it. Callers that need this row fail.
    """

    status = 409
    code = "unreadable_row"

    def __init__(self, row: str, reason: str) -> None:
        super().__init__(
            f"The stored {row} cannot be read by this version of the app: {reason}. "
            "docs/stored-data.md says what to do.",
            row=row,
            reason=reason,
        )
        self.row = row
        self.reason = reason

    @property
    def row_key(self) -> str:
        """The part of `row` after the partition: the id of a product, batch or run."""
        return self.row.rpartition("/")[2]


class PayloadTooLarge(AppError):
    status = 413
    code = "payload_too_large"


class UnsupportedMedia(AppError):
    status = 415
    code = "unsupported_media_type"


class KeyReused(AppError):
    status = 422
    code = "idempotency_key_reused"


class NotConfigured(AppError):
    status = 501
    code = "not_configured"


class Unavailable(AppError):
    status = 503
    code = "unavailable"


class SettingsError(Exception):
    """A setting is missing or wrong. The message names each one and what was expected."""
