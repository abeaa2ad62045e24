"""The constraints that a route may put on a parameter: `{n:int}`, `{id:guid}`, `{page:int:min(1)}`.

Source: learn.microsoft.com, "Routing in ASP.NET Core", route constraint reference, to which "Azure
Functions HTTP trigger" refers.
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

Check = Callable[[str], bool]


class BadRoute(ValueError):
    """A route template that this host cannot serve. The text names the template and the part."""


def compile_constraint(template: str, text: str) -> Check:
    """Compile a constraint such as `int` or `length(2,5)` to a check of a parameter's value.

    Raises:
        BadRoute: when the constraint is unknown, or its arguments are wrong.
    """
    name, _, rest = text.partition("(")
    arguments = [part.strip() for part in rest.removesuffix(")").split(",")] if rest else []
    if not arguments and name in _PLAIN:
        return _PLAIN[name]
    try:
        return _WITH_NUMBERS[name](*map(int, arguments))
    except (KeyError, TypeError, ValueError):
        raise BadRoute(f"Route {template!r}: the constraint {text!r} is not known here.") from None


def _is_int(bits: int) -> Check:
    limit = 2 ** (bits - 1)
    return lambda value: re.fullmatch(r"[+-]?\d+", value) is not None and -limit <= int(value) < limit


def _is_decimal(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_guid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def _is_datetime(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _number_where(accepts: Callable[[int], bool]) -> Check:
    return lambda value: _is_int(64)(value) and accepts(int(value))


def _length(lowest: int, highest: int | None = None) -> Check:
    return lambda value: lowest <= len(value) <= (lowest if highest is None else highest)


_PLAIN: dict[str, Check] = {
    "int": _is_int(32),
    "long": _is_int(64),
    "decimal": _is_decimal,
    "double": _is_decimal,
    "float": _is_decimal,
    "guid": _is_guid,
    "datetime": _is_datetime,
    "bool": lambda value: value.lower() in ("true", "false"),
    "alpha": lambda value: re.fullmatch("[A-Za-z]*", value) is not None,
    "required": bool,
}

_WITH_NUMBERS: dict[str, Callable[..., Check]] = {
    "min": lambda lowest: _number_where(lambda number: number >= lowest),
    "max": lambda highest: _number_where(lambda number: number <= highest),
    "range": lambda lowest, highest: _number_where(lambda number: lowest <= number <= highest),
    "length": _length,
    "minlength": lambda lowest: lambda value: len(value) >= lowest,
    "maxlength": lambda highest: lambda value: len(value) <= highest,
}
