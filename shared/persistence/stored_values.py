"""From stored values of any version to a model, and why they do not fit: the same for rows and for lines."""

from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from shared.domain.stored import STORE_VERSION, Stored

Model = TypeVar("Model", bound=Stored)

# As many problems of a row are named.
_REASONS = 3


def validate(model: type[Model], values: dict[str, Any], version: int) -> Model:
    """The model of stored values of a version. Unknown fields are ignored at every depth.

    Raises:
        ValueError: when the values do not fit; `pydantic.ValidationError` is one.
    """
    if version < STORE_VERSION:
        values = model.upgrade(values, version)
    return model.model_validate(values, extra="ignore")


def reason_of(error: Exception) -> str:
    """Why stored values do not fit, in one line. It names fields and never quotes values."""
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems[:_REASONS])
    if isinstance(error, orjson.JSONDecodeError):
        return f"not JSON at character {error.pos}"
    return f"{type(error).__name__}: {error}"
