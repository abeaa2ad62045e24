"""A reader of the part of Bicep that infra/ uses: enough to compare files with each other and with the app.

It is no compiler: types and values that Azure accepts are not checked here.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from local.processes import ROOT

INFRA = ROOT / "infra"
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|//[^\n]*|[{}()\[\]]")
_CLOSES = {"}": "{", ")": "(", "]": "["}


@dataclass(frozen=True)
class Module:
    """A `module` statement: the file it names and the parameters it passes."""

    symbol: str
    path: str
    passed: frozenset[str]


@dataclass(frozen=True)
class Bicep:
    """One file."""

    path: Path
    text: str = field(repr=False)

    @cached_property
    def code(self) -> str:
        """The text without comments, which may hold anything."""
        return _TOKEN.sub(lambda found: "" if found[0].startswith("//") else found[0], self.text)

    @cached_property
    def parameters(self) -> dict[str, str | None]:
        """Each parameter with its default as written, or None if it must be passed."""
        found = re.findall(r"^param (\w+) \w+(?: = (.+))?$", self.code, re.MULTILINE)
        return {name: default or None for name, default in found}

    @cached_property
    def outputs(self) -> set[str]:
        return set(re.findall(r"^output (\w+) ", self.code, re.MULTILINE))

    @cached_property
    def resources(self) -> list[tuple[str, str]]:
        """Type and API version of each resource that names one."""
        return re.findall(r"'([\w.]+/[\w./]+)@([\w-]+)'", self.code)

    @cached_property
    def modules(self) -> list[Module]:
        found = re.finditer(r"^module (\w+) '([^']+)' = (?:if \(.*\) )?\{", self.code, re.MULTILINE)
        return [Module(one[1], one[2], frozenset(self.entries(one.end() - 1, "params"))) for one in found]

    def entries(self, start: int, name: str) -> dict[str, str]:
        """The entries of the object `name` in the object that opens at `start`: their names and expressions.

        An expression over several lines is cut at its first line.
        """
        body = self.code[start : _end(self.code, start)]
        opened = re.search(rf"\b{name}: \{{", body)
        assert opened, f"{self.path.name} has no {name} there"
        inner = body[opened.end() : _end(body, opened.end() - 1)]
        indent = min(len(line) - len(line.lstrip()) for line in inner.splitlines() if line.strip(" }"))
        return dict(re.findall(rf"^ {{{indent}}}(\w+): (.+)$", inner, re.MULTILINE))

    def variable(self, name: str) -> dict[str, str]:
        """The entries of the first object in `var name = …`: their names, without quotes, and expressions."""
        start = self.code.index("{", self.code.index(f"var {name} = "))
        inner = self.code[start + 1 : _end(self.code, start)]
        return {
            key.strip("'"): value
            for key, value in re.findall(r"^  ('[^']+'|\w+): (.+)$", inner, re.MULTILINE)
        }


def read(path: Path) -> Bicep:
    return Bicep(path, path.read_text(encoding="utf-8"))


def files() -> list[Bicep]:
    return [read(path) for path in sorted(INFRA.rglob("*.bicep"))]


def unbalanced(text: str) -> str | None:
    """The first bracket that has no partner, with its line; None if all have."""
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(text):
        line = text.count("\n", 0, token.start()) + 1
        if token[0] in "{([":
            opened.append((token[0], line))
        elif token[0] in _CLOSES and (not opened or opened.pop()[0] != _CLOSES[token[0]]):
            return f"{token[0]} in line {line}"
    return f"{opened[-1][0]} in line {opened[-1][1]}" if opened else None


def _end(text: str, start: int) -> int:
    """Where the bracket that opens at `start` closes."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in "{([") - (token[0] in _CLOSES)
        if depth == 0:
            return token.start()
    raise AssertionError("a bracket is not closed")
