"""Builds the zip that is deployed to Azure: what `.funcignore` leaves of the project folder.

    python -m scripts.package dist/app.zip

`azd deploy` and `func azure functionapp publish` apply the same `.funcignore` to the same folder, so all
three deploy the same files. The same files give the same zip, byte by byte. Azure's remote build installs
`requirements.txt`, which is in the zip.
Exit codes: 0 done, 1 the folder holds something that does not belong into the app.
"""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

if not __package__:
    # When this is run as a file, Python searches the file's folder for packages, not the project's.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import exits
from scripts.ignore_rules import IgnoreRules, UnsupportedRule

ROOT = Path(__file__).resolve().parent.parent
# What the app consists of. A file that somebody left beside it is refused, so that it is not published.
APP = frozenset(
    {
        "function_app.py", "host.json", "requirements.txt",
        "activities", "dashboard", "orchestrators", "shared", "triggers",
    }
)  # fmt: skip

# The earliest time that a zip can hold. A real time would make every build another file.
_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE = 0o100644 << 16

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class WrongContents(Exception):
    """The folder lacks a part of the app, or holds something else. The text says what to do."""


@app.command()
def main(target: Annotated[Path, typer.Argument(help="the zip to write")] = Path("dist/app.zip")) -> None:
    """Build the zip that is deployed to Azure."""
    try:
        files = build(ROOT, target)
    except (WrongContents, UnsupportedRule) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(exits.FAILED) from None
    typer.echo(f"{target}: {len(files)} files, {target.stat().st_size / 1e6:.1f} MB")


def build(root: Path, target: Path) -> list[str]:
    """Write the package of the project in `root`. Returns the names of its files.

    Raises:
        WrongContents: when a part of the app is missing, or something else is there.
        UnsupportedRule: when `.funcignore` holds a rule that this reader does not know.
    """
    rules = IgnoreRules((root / ".funcignore").read_text(encoding="utf-8"))
    names = sorted(_files(root, root, rules))
    _check({name.partition("/")[0] for name in names})
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name in names:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE_FILE
            package.writestr(entry, (root / name).read_bytes())
    partial.replace(target)
    return names


def _files(root: Path, folder: Path, rules: IgnoreRules) -> Iterator[str]:
    """The files below `folder` that no rule leaves out, by their path from `root`."""
    for path in folder.iterdir():
        name = path.relative_to(root).as_posix()
        if rules.leave_out(name, path.is_dir()):
            continue
        if path.is_dir():
            yield from _files(root, path, rules)
        else:
            yield name


def _check(found: set[str]) -> None:
    if missing := sorted(APP - found):
        raise WrongContents(f"The app is not complete; missing: {', '.join(missing)}.")
    if surplus := sorted(found - APP):
        raise WrongContents(
            f"Not part of the app: {', '.join(surplus)}. Remove it, or name it in .funcignore, "
            "so that nothing publishes it. A new part of the app belongs into APP in scripts/package.py."
        )


if __name__ == "__main__":
    app()
