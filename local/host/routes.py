"""Routes as Azure Functions writes them: `{id}`, `{id?}`, `{n:int}`, `{*rest}` (ASP.NET Core's templates).

Source: learn.microsoft.com, "Azure Functions HTTP trigger" and "Route constraint reference".
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

_CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "guid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "bool": r"[Tt]rue|[Ff]alse",
    "alpha": r"[A-Za-z]+",
}
_PARAMETER = re.compile(r"\{(\*?)(\w+)(?::(\w+))?(\?)?\}")


class UnknownConstraint(ValueError):
    """A route uses a constraint that this host does not know."""


@dataclass(frozen=True)
class Route:
    """A compiled route. Literal parts match without regard to case, as in ASP.NET Core."""

    template: str
    pattern: re.Pattern[str]

    def match(self, path: str) -> dict[str, str] | None:
        """The route parameters of a raw (still escaped) path, or None."""
        found = self.pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        return {name: unquote(value) for name, value in found.groupdict().items() if value is not None}

    @property
    def specificity(self) -> tuple[int, ...]:
        """Sorts literal segments before parameters, and those before a catch-all, from left to right."""
        ranks = []
        for segment in self.template.split("/"):
            parameter = _PARAMETER.search(segment)
            ranks.append(0 if parameter is None else 3 if parameter[1] else 1 if parameter[3] else 2)
        return tuple(ranks)


def compile_route(template: str) -> Route:
    """Compile a route template.

    Raises:
        UnknownConstraint: naming the route and the constraint.
    """
    template = template.strip("/")
    pattern = ""
    for number, segment in enumerate(template.split("/")):
        part, optional = _segment(template, segment)
        separator = "/" if number else ""
        pattern += f"(?:{separator}{part})?" if optional else f"{separator}{part}"
    return Route(template, re.compile(f"(?i:{pattern})"))


def _segment(template: str, segment: str) -> tuple[str, bool]:
    pattern, end, optional = "", 0, False
    for parameter in _PARAMETER.finditer(segment):
        catch_all, name, constraint, question = parameter.groups()
        if constraint is not None and constraint not in _CONSTRAINTS:
            raise UnknownConstraint(f"Route {template!r}: the constraint {constraint!r} is not known here.")
        value = ".*" if catch_all else _CONSTRAINTS.get(constraint or "", "[^/]+")
        pattern += re.escape(segment[end : parameter.start()]) + f"(?P<{name}>{value})"
        end = parameter.end()
        optional = optional or bool(question) or bool(catch_all)
    return pattern + re.escape(segment[end:]), optional
