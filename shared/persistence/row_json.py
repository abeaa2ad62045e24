"""Table rows as JSON, one a line, and back without a difference.

The form is that of the Table service ("Payload format for Table service operations", learn.microsoft.com): a
property whose type JSON does not have is accompanied by `<name>@odata.type`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from azure.data.tables import EdmType, EntityProperty

from shared.persistence.entity_codec import Entity
from shared.persistence.transactions import wire_properties

_TYPE = "@odata.type"


def row_to_json(entity: Mapping[str, Any]) -> bytes:
    """A row as JSON with sorted keys, so that equal rows are equal bytes. No line end.

    Raises:
        TypeError: when a property is of a type that the app does not store.
    """
    return orjson.dumps(wire_properties(entity), option=orjson.OPT_SORT_KEYS)


def row_from_json(text: bytes) -> Entity:
    """The row that `row_to_json` wrote.

    Raises:
        ValueError: when the text is no such row.
    """
    written = orjson.loads(text)
    if not isinstance(written, dict) or not {"PartitionKey", "RowKey"} <= written.keys():
        raise ValueError("a stored row must be a JSON object with PartitionKey and RowKey")
    return {
        name: _value(value, written.get(name + _TYPE))
        for name, value in written.items()
        if not name.endswith(_TYPE)
    }


def _value(value: Any, edm_type: str | None) -> Any:
    if edm_type is None:
        return value
    if edm_type == "Edm.DateTime":
        return datetime.fromisoformat(value)
    if edm_type == "Edm.Double":
        return float(value)
    if edm_type == "Edm.Int64":
        return EntityProperty(int(value), EdmType.INT64)
    raise ValueError(f"the app stores no properties of type {edm_type}")
