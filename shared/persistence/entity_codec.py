"""Converts models to table entities and back.

It handles what the SDK does not:
- None is stored as an empty string, since under MERGE only that clears a property.
- Integers of 2³¹ and more are written as Int64.
- A dict, list or model is one JSON property, split into chunks where it is long.
- Enums are stored as their values.
- Every entity carries the version of the stored data; entities of older and newer versions are read.
- Azure's limits are checked before writing, since Azurite does not check them: 1 MiB per entity, 252
  properties, 64 KiB per string in UTF-16 (learn.microsoft.com, "Understanding the Table service data model").
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import orjson
from azure.data.tables import EdmType, EntityProperty
from pydantic import BaseModel

from shared.domain.errors import UnreadableRow
from shared.domain.stored import STORE_VERSION, VERSION_FIELD, Stored
from shared.persistence.stored_values import reason_of, validate

Entity = dict[str, Any]
Model = TypeVar("Model", bound=Stored)

MAX_STRING = 32_000
MAX_PROPERTIES = 252
MAX_ENTITY_BYTES = 1_000_000

_CHUNKS = "__chunks"
_KEYS = {"PartitionKey", "RowKey", VERSION_FIELD}
_INT32 = 2**31


class EntityTooLarge(ValueError):
    """An entity over Azure's limits. The message names the entity, the size and the limit."""


def stamp(entity: Entity) -> Entity:
    """The entity with the current version of the stored data: for rows without a model."""
    return {**entity, VERSION_FIELD: STORE_VERSION}


def encode(partition_key: str, row_key: str, model: Stored, only: set[str] | None = None) -> Entity:
    """The entity of `model`: all fields, or `only` some of them for a marker.

    Raises:
        EntityTooLarge: when Azure would refuse it.
    """
    entity = stamp({"PartitionKey": partition_key, "RowKey": row_key})
    structured = _structured_fields(type(model))
    for name in type(model).model_fields:
        if only is not None and name not in only:
            continue
        value = getattr(model, name)
        if name in structured:
            _put_json(entity, name, model, value)
        else:
            entity[name] = _scalar(entity, name, value)
    _check(entity)
    return entity


def decode(model: type[Model], entity: Mapping[str, Any]) -> Model:
    """The model of an entity. Properties that are absent or cleared get the model's defaults.

    Properties that the model does not have are ignored, at every depth: a newer version wrote them.

    Raises:
        UnreadableRow: when the entity does not fit `model`.
    """
    version = entity.get(VERSION_FIELD, 1)
    structured = _structured_fields(model)
    try:
        # An upgrade may need properties that the model does not have any more.
        names = model.model_fields if version >= STORE_VERSION else _names(entity, model)
        values: dict[str, Any] = {}
        for name in names:
            if name in structured or name + _CHUNKS in entity:
                text = _get_text(entity, name)
                if text:
                    values[name] = orjson.loads(text)
            else:
                value = entity.get(name, "")
                if isinstance(value, EntityProperty):
                    value = value.value
                if value != "":
                    values[name] = _aware(value)
        return validate(model, values, version)
    except (ValueError, TypeError, KeyError) as error:
        row = f"{model.__name__} {entity.get('PartitionKey', '')}/{entity.get('RowKey', '')}"
        raise UnreadableRow(row, reason_of(error)) from error


def readable(
    model: type[Model],
    entities: Iterable[Mapping[str, Any]],
    on_unreadable: Callable[[UnreadableRow], None] | None = None,
) -> Iterator[Model]:
    """The models of all entities that can be read. The others are logged, and given to `on_unreadable`."""
    for entity in entities:
        try:
            yield decode(model, entity)
        except UnreadableRow as error:
            logging.error("%s", error.message)
            if on_unreadable is not None:
                on_unreadable(error)


def properties(model: type[BaseModel]) -> list[str]:
    """The names to `$select` for `decode`; further chunks of long properties are not among them."""
    return ["PartitionKey", "RowKey", VERSION_FIELD, *model.model_fields]


def _names(entity: Mapping[str, Any], model: type[BaseModel]) -> set[str]:
    pieces = {
        f"{name.removesuffix(_CHUNKS)}__{number}"
        for name, count in entity.items()
        if name.endswith(_CHUNKS)
        for number in range(1, count)
    }
    stored = {name for name in entity if not name.endswith(_CHUNKS)} - pieces - _KEYS
    return stored | set(model.model_fields)


def _scalar(entity: Entity, name: str, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int) and not isinstance(value, bool) and not -_INT32 <= value < _INT32:
        return EntityProperty(value, EdmType.INT64)
    if isinstance(value, str) and len(value.encode("utf-16-le")) > 2 * MAX_STRING:
        where = f"{entity['PartitionKey']}/{entity['RowKey']}"
        raise EntityTooLarge(
            f"{where}: {name} has {len(value)} characters, over the limit of {MAX_STRING} for a string"
        )
    return value


def _put_json(entity: Entity, name: str, model: BaseModel, value: Any) -> None:
    if value is None:
        entity[name] = ""
        return
    dumped = model.model_dump(mode="json", include={name})[name]
    text = orjson.dumps(dumped).decode()
    # A character outside the basic plane takes two UTF-16 units, so half the limit is always safe.
    step = MAX_STRING if len(text.encode("utf-16-le")) <= 2 * MAX_STRING else MAX_STRING // 2
    pieces = [text[i : i + step] for i in range(0, len(text), step)]
    entity[name] = pieces[0]
    entity[name + _CHUNKS] = len(pieces)
    for number, piece in enumerate(pieces[1:], start=1):
        entity[f"{name}__{number}"] = piece


def _get_text(entity: Mapping[str, Any], name: str) -> str:
    pieces = [entity.get(name, "")]
    pieces += [entity[f"{name}__{number}"] for number in range(1, entity.get(name + _CHUNKS, 1))]
    return "".join(pieces)


def _aware(value: Any) -> Any:
    # The SDK returns a subclass of datetime. A plain one in UTC compares and serialises as expected.
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz()).astimezone(UTC)
    return value


def _check(entity: Entity) -> None:
    where = f"{entity['PartitionKey']}/{entity['RowKey']}"
    if len(entity) > MAX_PROPERTIES:
        raise EntityTooLarge(f"{where}: {len(entity)} properties are over the limit of {MAX_PROPERTIES}")
    size = sum(
        2 * len(key) + (2 * len(value) if isinstance(value, str) else 16) for key, value in entity.items()
    )
    if size > MAX_ENTITY_BYTES:
        raise EntityTooLarge(f"{where}: {size} bytes are over the limit of {MAX_ENTITY_BYTES}")


@lru_cache(maxsize=64)
def _structured_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if _is_structured(field.annotation))


def _is_structured(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_structured(part) for part in get_args(annotation))
    if get_origin(annotation) is Annotated:
        return _is_structured(get_args(annotation)[0])
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, (dict, list, tuple, BaseModel))
