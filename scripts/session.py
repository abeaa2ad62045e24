"""What every action works with: the client, where its answer goes, and how one comes back later."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import RenderableType

from scripts.api_client import ApiClient
from scripts.terminal_report import console
from scripts.transport import OutOfReach


class Interrupted(Exception):
    """Ctrl+C; the text says what goes on, and how to come back."""


@dataclass(frozen=True)
class Session:
    """One call of the command line. `flags` are what a later call needs to reach the same service."""

    client: ApiClient
    as_json: bool
    flags: str = ""

    def show(self, data: Any, *for_people: RenderableType) -> None:
        """Print the answer: `data` as JSON, or what people read."""
        if self.as_json:
            typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
            return
        for part in for_people:
            # Commands are to be copied: lines of text are never broken, tables are as wide as the console.
            console.print(part, soft_wrap=isinstance(part, str))

    def command(self, words: str) -> str:
        """The command that does `words` at the same service."""
        return f"{_near(sys.executable)} {_near(sys.argv[0])} {words}{self.flags}"

    @contextmanager
    def watching(self, what: str, words: str) -> Iterator[None]:
        """While something is watched that goes on without us.

        Raises:
            Interrupted: on Ctrl+C, with the command that comes back to it.
            OutOfReach: with the same command, when the service went away.
        """
        come_back = f"{what} goes on without you. Come back with:\n  {self.command(words)}"
        try:
            yield
        except KeyboardInterrupt:
            raise Interrupted(come_back) from None
        except OutOfReach as error:
            raise OutOfReach(f"{error}\n{come_back}") from None


def _near(path: str) -> str:
    """A path as one would type it here."""
    # Not resolved: the interpreter of a virtual environment is a link, and means nothing where it leads.
    place, here = Path(path).absolute(), Path.cwd()
    return shlex.quote(str(place.relative_to(here) if place.is_relative_to(here) else place))
