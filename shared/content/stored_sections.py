"""Reads stored sections whatever today's bounds: a text that was good when it was stored stays readable.

The section models are strict, because they judge answers of the model: no field more or less, and bounds for
each text. Between two versions fields come and go and bounds change. So a stored section that the strict
models refuse is read field by field: unknown fields are left out, an absent text is empty, and bounds do not
count. Only a value of a wrong type makes it unreadable.
"""

from enum import Enum
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import ValidationError, ValidatorFunctionWrapHandler

from shared.content.text_types import Section

SectionT = TypeVar("SectionT", bound=Section)

# No value is known: the field is left out of the section, and so of what is made from it.
_UNKNOWN = object()


def lenient(model: type[SectionT]) -> Any:
    """A wrap validator for a stored field of type `model`."""

    def validate(value: Any, strictly: ValidatorFunctionWrapHandler) -> Any:
        try:
            return strictly(value)
        except ValidationError:
            return None if value is None else read_section(model, value)

    return validate


def read_section(model: type[SectionT], value: Any) -> SectionT:
    """A section from its stored form.

    Raises:
        ValueError: when a field has a value of another type than today. The message names the field.
    """
    if not isinstance(value, dict):
        raise ValueError(f"must be an object, is {type(value).__name__}")
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        try:
            if value.get(name) is not None:
                fields[name] = _read(field.annotation, value[name])
            elif field.is_required():
                fields[name] = _absent(field.annotation)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    known = {name: each for name, each in fields.items() if each is not _UNKNOWN}
    return cast(SectionT, model.model_construct(**known))


def _read(annotation: Any, value: Any) -> Any:
    annotation = _plain(annotation)
    if get_origin(annotation) is list:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, is {type(value).__name__}")
        items = [_read(get_args(annotation)[0], item) for item in value]
        return [item for item in items if item is not _UNKNOWN]
    if get_origin(annotation) is dict:
        if not isinstance(value, dict):
            raise ValueError(f"must be an object, is {type(value).__name__}")
        # Texts by name: what is not a text is of another version, and is left out.
        return {name: text for name, text in value.items() if isinstance(text, str)}
    if section := _section(annotation, value):
        return read_section(section, value)
    if not isinstance(annotation, type):
        raise ValueError(f"is of the type {annotation}, which stored sections do not have")
    if issubclass(annotation, Enum):
        known = {member.value: member for member in annotation}
        return known.get(value, _UNKNOWN) if isinstance(value, str | int) else _UNKNOWN
    if not isinstance(value, annotation):
        raise ValueError(f"must be {annotation.__name__}, is {type(value).__name__}")
    return value


def _absent(annotation: Any) -> Any:
    annotation = _plain(annotation)
    if annotation is str:
        return ""
    if get_origin(annotation) is list:
        return []
    section = _section(annotation, {})
    return read_section(section, {}) if section else _UNKNOWN


def _plain(annotation: Any) -> Any:
    """The annotation without `Annotated`, and without None where it is one of two."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        members = [each for each in get_args(annotation) if each is not type(None)]
        if len(members) == 1:
            return _plain(members[0])
    return annotation


def _section(annotation: Any, value: Any) -> type[Section] | None:
    """The section of an annotation; of several, the one that shares the most fields with `value`."""
    members = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    sections = [each for each in map(_plain, members) if isinstance(each, type) and issubclass(each, Section)]
    keys = value.keys() if isinstance(value, dict) else frozenset()
    return max(sections, key=lambda each: len(each.model_fields.keys() & keys), default=None)
