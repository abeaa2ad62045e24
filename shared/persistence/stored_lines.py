"""Models as lines of a blob: JSON with the version of the stored data."""

from typing import TypeVar

import orjson

from shared.domain.errors import UnreadableRow
from shared.domain.stored import STORE_VERSION, VERSION_FIELD, Stored
from shared.persistence.stored_values import reason_of, validate

Model = TypeVar("Model", bound=Stored)


def write_line(model: Stored) -> bytes:
    """A model as one line, with its line end."""
    return b'{"%s":%d,%s\n' % (VERSION_FIELD.encode(), STORE_VERSION, model.model_dump_json().encode()[1:])


def read_line(model: type[Model], line: bytes, where: str) -> Model:
    """The model of a line of any version. `where` names the line in errors.

    Raises:
        UnreadableRow: when the line does not fit `model`.
    """
    try:
        values = orjson.loads(line)
        if not isinstance(values, dict):
            raise TypeError("not a JSON object")
        return validate(model, values, values.pop(VERSION_FIELD, 1))
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableRow(f"{model.__name__} in {where}", reason_of(error)) from error
