"""The schemas that strict mode of structured outputs refuses.

Source: learn.microsoft.com "Structured outputs" (unsupported keywords, 100 properties, five levels of
nesting). Properties and levels are counted with every `$ref` expanded once per path, which is the strictest
interpretation. A recursive `$ref` is not followed again.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

MAX_PROPERTIES = 100
MAX_NESTING = 5

UNSUPPORTED = frozenset(
    {
        "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains",
        "patternProperties", "propertyNames", "minProperties", "maxProperties",
        "unevaluatedProperties", "unevaluatedItems",
        "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    }
)  # fmt: skip


class NotStrict(Exception):
    """Strict mode refuses the schema. The message says where and why."""


@lru_cache(maxsize=256)
def refusal_of(schema: bytes) -> str | None:
    """Why strict mode refuses the schema, or None. It is serialised, so that the result can be cached."""
    try:
        _check(orjson.loads(schema))
    except NotStrict as refusal:
        return str(refusal)
    return None


def resolve(schema: Any, root: Any) -> tuple[str | None, Any]:
    """Follow one `$ref`. Returns the pointer, or None without one, and the target.

    Raises:
        NotStrict: when the target is not an object of the schema.
    """
    if not isinstance(schema, dict) or "$ref" not in schema:
        return None, schema
    pointer = str(schema["$ref"])
    target = root
    for part in pointer.removeprefix("#").split("/"):
        if part:
            key = part.replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, dict) else None
    if not pointer.startswith("#") or not isinstance(target, dict):
        raise NotStrict(f"In context=(), reference '{pointer}' can only point to definitions of the schema.")
    return pointer, target


def _check(root: Any) -> None:
    if not isinstance(root, dict) or root.get("type") != "object" or "anyOf" in root:
        raise NotStrict("schema must be a JSON Schema of 'type: \"object\"'.")
    for key in ("$defs", "definitions"):
        for name, definition in root.get(key, {}).items():
            _check_node(definition, (key, name))
    _check_node(root, ())
    properties, nesting = _size(root, root, frozenset())
    if properties > MAX_PROPERTIES:
        raise NotStrict(f"Expected at most {MAX_PROPERTIES} object properties in total, got {properties}.")
    if nesting > MAX_NESTING:
        raise NotStrict(f"{nesting} levels of nesting exceeds limit of {MAX_NESTING}.")
    if not can_end(root, root, frozenset()):
        raise NotStrict("a recursive definition never ends.")


def _check_node(node: Any, path: tuple[str, ...]) -> None:
    if not isinstance(node, dict):
        raise NotStrict(f"In context={path}, schema must be an object.")
    refused = sorted(UNSUPPORTED & node.keys())
    if refused:
        raise NotStrict(f"In context={path}, '{refused[0]}' is not permitted.")
    if not node.keys() & {"type", "$ref", "anyOf", "enum", "const"}:
        raise NotStrict(f"In context={path}, schema must have a 'type' key.")
    if _allows(node, "object"):
        _check_object(node, path)
    if _allows(node, "array") and not isinstance(node.get("items"), dict):
        raise NotStrict(f"In context={path}, array schema missing items.")
    for where, child in _children(node):
        _check_node(child, (*path, *where))


def _check_object(node: dict[str, Any], path: tuple[str, ...]) -> None:
    if node.get("additionalProperties") is not False:
        raise NotStrict(
            f"In context={path}, 'additionalProperties' is required to be supplied and to be false."
        )
    missing = [name for name in node.get("properties", {}) if name not in node.get("required", [])]
    if missing:
        raise NotStrict(
            f"In context={path}, 'required' is required to be supplied and to be an array including every "
            f"key in properties. Missing '{missing[0]}'."
        )
    extra = [name for name in node.get("required", []) if name not in node.get("properties", {})]
    if extra:
        raise NotStrict(f"In context={path}, 'required' includes a key that is not a property: '{extra[0]}'.")


def _children(node: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in node.get("properties", {}).items():
        yield ("properties", name), child
    if "items" in node:
        yield ("items",), node["items"]
    for index, child in enumerate(node.get("anyOf", [])):
        yield ("anyOf", str(index)), child


def _allows(node: dict[str, Any], type_: str) -> bool:
    return type_ in types_of(node)


def types_of(node: dict[str, Any]) -> list[str]:
    """The types of a node: `[]`, one type, or several such as `["string", "null"]`."""
    named = node.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def _size(node: Any, root: Any, seen: frozenset[str]) -> tuple[int, int]:
    """The number of object properties in `node`, and the depth of its nested objects."""
    pointer, node = resolve(node, root)
    if pointer in seen:
        return 0, 0
    seen = seen | {pointer} if pointer else seen
    sizes = [_size(child, root, seen) for _, child in _children(node)]
    own = len(node.get("properties", {}))
    deepest = max((depth for _, depth in sizes), default=0)
    return own + sum(count for count, _ in sizes), deepest + (1 if _allows(node, "object") else 0)


def can_end(node: Any, root: Any, seen: frozenset[str]) -> bool:
    """Whether a finite value can satisfy `node`."""
    pointer, node = resolve(node, root)
    if pointer in seen:
        return False
    seen = seen | {pointer} if pointer else seen
    if "anyOf" in node:
        return any(can_end(child, root, seen) for child in node["anyOf"])
    if set(types_of(node)) - {"object"} or "enum" in node or "const" in node:
        return True
    return all(can_end(child, root, seen) for child in node.get("properties", {}).values())
