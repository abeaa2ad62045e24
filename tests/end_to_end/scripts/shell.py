"""Runs the scripts as an operator does: as processes of their own, in a folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from local.local_settings import API_KEY
from local.processes import ROOT
from tests.end_to_end.conftest import Machine

BATCHES = "run_batch_processing"
PREVIEWS = "test_azure_openai_batch"
DOCTOR = "doctor"

CATEGORIES = ("Pianos", "Flutes", "Harps", "Fiddles", "Drums", "Kazoos", "Gongs")
# Three products in each category. The brackets would be markup to the library that prints the tables.
CATALOGUE = "sku,name,brand,category\n" + "".join(
    f"{category[:3].upper()}-{n},{category} [bold]{n}[/bold],Veskar,{category}\n"
    for category in CATEGORIES
    for n in range(3)
)


class Ran(NamedTuple):
    """The exit code of a script and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Starts scripts in `folder`, with the address of the app and a key in the environment."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.folder = folder

    def start(
        self, *words: str, script: str = BATCHES, key: str | None = API_KEY, **environment: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / f"{script}.py"), *words],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if name not in ("API_KEY", "BASE_URL")},
                "BASE_URL": self.machine.settings.base_url,
                **({"API_KEY": key} if key else {}),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **options: Any) -> Ran:
        return finish(self.start(*words, **options))

    def run_all(self, calls: list[tuple[str, ...]], **options: Any) -> list[Ran]:
        """Run several at the same time: a script spends most of its second on imports."""
        return list(map(finish, [self.start(*words, **options) for words in calls]))

    def paste(self, command: str) -> Ran:
        """Run a command that a script printed, with the key in the environment."""
        return finish(
            subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=self.folder,
                env={**os.environ, "API_KEY": API_KEY},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )


def finish(process: subprocess.Popen[str]) -> Ran:
    """Wait for the end of a script, which never prints a traceback or the key."""
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    assert API_KEY not in out + err
    return Ran(process.returncode, out, err)
