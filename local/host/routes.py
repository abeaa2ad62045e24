"""Route templates of Azure Functions, which are ASP.NET Core's: `{id}`, `{id?}`, `{n:int}`, `{*rest}`.

Source: learn.microsoft.com, "Azure Functions HTTP trigger" and "Routing in ASP.NET Core".
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from local.host.route_constraints import BadRoute, Check, compile_constraint

_PARAMETER = re.compile(r"\{(\*{0,2})(\w+)((?::\w+(?:\([^(){}]*\))?)*)(\?)?\}")
_CONSTRAINT = re.compile(r":(\w+(?:\([^(){}]*\))?)")


@dataclass(frozen=True)
class Route:
    """A compiled route. Literal parts match without regard to case, as in ASP.NET Core."""

    template: str
    pattern: re.Pattern[str]
    checks: dict[str, list[Check]]

    def match(self, path: str) -> dict[str, str] | None:
        """The route parameters of a raw (still escaped) path, or None."""
        found = self.pattern.fullmatch(path.strip("/"))
        if found is None:
            return None
        # An empty optional parameter or catch-all is left out.
        values = {name: unquote(value) for name, value in found.groupdict().items() if value}
        passed = all(check(value) for name, value in values.items() for check in self.checks[name])
        return values if passed else None

    @property
    def specificity(self) -> tuple[int, ...]:
        """A sort key, by segment from the left: literal text first, then parameters, then a catch-all."""
        return tuple(_rank(segment) for segment in self.template.split("/"))


def compile_route(template: str) -> Route:
    """Compile a route template.

    Raises:
        BadRoute: naming the route and the part that cannot be served.
    """
    template = template.strip("/")
    pattern, checks = "", dict[str, list[Check]]()
    for number, segment in enumerate(template.split("/")):
        part, optional = _segment(template, segment, checks)
        separator = "/" if number else ""
        pattern += f"(?:{separator}{part})?" if optional else f"{separator}{part}"
    return Route(template, re.compile(f"(?i:{pattern})"), checks)


def _segment(template: str, segment: str, checks: dict[str, list[Check]]) -> tuple[str, bool]:
    pattern, end, optional = "", 0, False
    for parameter in _PARAMETER.finditer(segment):
        stars, name, constraints, question = parameter.groups()
        if name in checks:
            raise BadRoute(f"Route {template!r}: the parameter {name!r} occurs twice.")
        checks[name] = [compile_constraint(template, text) for text in _CONSTRAINT.findall(constraints)]
        value = ".*" if stars else "[^/]+"
        pattern += _literal(template, segment[end : parameter.start()]) + f"(?P<{name}>{value})"
        end = parameter.end()
        optional = optional or bool(question) or bool(stars)
    return pattern + _literal(template, segment[end:]), optional


def _literal(template: str, text: str) -> str:
    if "{" in text or "}" in text:
        raise BadRoute(f"Route {template!r}: {text!r} cannot be read as a parameter here.")
    return re.escape(text)


def _rank(segment: str) -> int:
    """0: literal text; 1: a parameter with a constraint or text around it; 2: a parameter; 3: a catch-all."""
    parameter = _PARAMETER.search(segment)
    if parameter is None:
        return 0
    if parameter[1]:
        return 3
    return 1 if parameter[3] or parameter[0] != segment else 2
