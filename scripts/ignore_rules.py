"""Reads `.funcignore`: the part of gitignore's syntax that this project uses.

Source: git-scm.com/docs/gitignore, which Core Tools and azd follow too.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple


class UnsupportedRule(Exception):
    """A rule uses a part of the syntax that is not read here. The text names the rule."""


class _Rule(NamedTuple):
    pattern: str
    anchored: bool
    folders_only: bool


class IgnoreRules:
    """The rules of one ignore file."""

    def __init__(self, text: str) -> None:
        """Read the rules.

        Raises:
            UnsupportedRule: for `!`, `**`, `[`, a backslash, and a slash within a rule: other tools might
                read it differently from this class.
        """
        lines = (line.strip() for line in text.splitlines())
        self._rules = [_read(line) for line in lines if line and not line.startswith("#")]

    def leave_out(self, path: str, is_folder: bool) -> bool:
        """Whether a rule names `path`, which is relative to the ignore file. Its folders are asked first."""
        name = path.rpartition("/")[2]
        return any(
            fnmatchcase(name, rule.pattern)
            for rule in self._rules
            if (is_folder or not rule.folders_only) and ("/" not in path or not rule.anchored)
        )


def _read(line: str) -> _Rule:
    pattern = line.removesuffix("/").removeprefix("/")
    if line.startswith("!") or "/" in pattern or "**" in pattern or set(pattern) & set("[]\\"):
        raise UnsupportedRule(
            f".funcignore: the rule {line!r} is not supported. Use a name, with * or ? in it, "
            "a slash before it for the top folder only, and a slash after it for folders only."
        )
    return _Rule(pattern, anchored=line.startswith("/"), folders_only=line.endswith("/"))
