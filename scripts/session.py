"""The context of an action: the client, how results are printed, and the command to come back later."""

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
from scripts.terminal import console
from scripts.transport import OutOfReach


class Interrupted(Exception):
    """Ctrl+C. The text says what continues in the service, and how to come back to it."""


@dataclass(frozen=True)
class Session:
    """One call of the command line. `flags`: the options that later calls need to reach the same service."""

    client: ApiClient
    as_json: bool
    flags: str = ""

    def show(self, data: Any, *for_people: RenderableType) -> None:
        """Print a result: `data` with `--json`, otherwise `for_people`."""
        if self.as_json:
            typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
            return
        for part in for_people:
            # Text is not wrapped, so that commands in it can be copied. Tables are as wide as the console.
            console.print(part, soft_wrap=isinstance(part, str))

    def command(self, words: str) -> str:
        """This script's command line with the options `words`, for the same service."""
        return f"{_near(sys.executable)} {_near(sys.argv[0])} {words}{self.flags}"

    @contextmanager
    def watching(self, what: str, words: str) -> Iterator[None]:
        """Wraps a watch of `what`. `words`: the options of the command that watches it again.

        Raises:
            Interrupted: on Ctrl+C, with that command.
            OutOfReach: when the service went away, with that command.
        """
        come_back = f"{what} continues without you. Come back with:\n  {self.command(words)}"
        try:
            yield
        except KeyboardInterrupt:
            raise Interrupted(come_back) from None
        except OutOfReach as error:
            raise OutOfReach(f"{error}\n{come_back}") from None


def _near(path: str) -> str:
    """A path as a person would type it in the current folder."""
    # Links are not resolved: an interpreter outside its virtual environment would not find the packages.
    full, here = Path(path).absolute(), Path.cwd()
    return shlex.quote(str(full.relative_to(here) if full.is_relative_to(here) else full))
