"""One step of a benchmark in a process of its own, so that its memory is measured alone."""

import subprocess
import sys
from collections.abc import Mapping


def figures_of(module: str, step: str, size: int, environment: Mapping[str, str]) -> list[str]:
    """Run `python -m <module> <step> <size>`. Returns the words that it printed.

    Raises:
        AssertionError: when it fails; the message is its standard error.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, step, str(size)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
