"""The package that is deployed: unzipped into an empty folder and started there, with nothing beside it."""

import ast
import importlib.metadata
import os
import posixpath
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import local_services
from local.local_settings import LocalSettings
from local.processes import ROOT, Processes
from scripts.package import APP, WrongContents, build
from shared.content.locales import LOCALES
from tests.end_to_end.conftest import Machine, local_settings

CATALOGUE = (
    "sku,name,brand,category,description\nPK-1,Lumen 22,Veskar,Electric Guitars,Alder body and maple neck.\n"
)


@dataclass(frozen=True)
class Package:
    zip: Path
    names: list[str]
    folder: Path


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The zip that PACKAGE names, so that what was tested is published; or else one that is built here."""
    place = tmp_path_factory.mktemp("package")
    target = Path(os.environ.get("PACKAGE") or place / "app.zip")
    if not os.environ.get("PACKAGE"):
        build(ROOT, target)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(place / "app")
        return Package(target, archive.namelist(), place / "app")


@pytest.fixture(scope="module")
def machine(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Azurite and the emulator of the project; the app, from the package."""
    place = tmp_path_factory.mktemp("machine")
    # The host is reached by itself, so that no import of the app can find the project's rooms.
    (place / "host").mkdir()
    (place / "host" / "local").symlink_to(ROOT / "local")
    settings = local_settings(place / "data")
    settings.data.mkdir()
    with Processes(settings.data / "logs") as processes:
        local_services.start_azurite(processes, settings)
        local_services.start_emulator(processes, settings)
        _start(processes, settings, package.folder, place / "host")
        yield Machine(settings, processes)


def _start(processes: Processes, settings: LocalSettings, app: Path, host: Path) -> None:
    environment = settings.app_environment() | {"PYTHONPATH": str(host), "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-m", "local.host", "--port", str(settings.host_port)]
    command += ["--data", str(settings.data / "host")]
    processes.start(
        local_services.HOST, command, environment, lambda: local_services.answers(settings), folder=app
    )


def test_the_package_holds_the_app_as_it_is_committed_and_nothing_else(package: Package) -> None:
    """Also that no rule for a top folder takes a folder of the same name out of the app."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *sorted(APP)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    committed = [name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()]
    assert package.names == sorted(committed)
    for name in package.names:
        assert (package.folder / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_the_same_files_give_the_same_zip(package: Package, tmp_path: Path) -> None:
    build(ROOT, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == package.zip.read_bytes()


def test_a_file_that_is_not_part_of_the_app_stops_the_build(package: Package, tmp_path: Path) -> None:
    (tmp_path / ".funcignore").write_bytes((ROOT / ".funcignore").read_bytes())
    with zipfile.ZipFile(package.zip) as archive:
        archive.extractall(tmp_path)
    build(tmp_path, tmp_path / "dist" / "app.zip")
    (tmp_path / "customers.csv").write_text("secret")
    with pytest.raises(WrongContents, match=r"customers\.csv"):
        build(tmp_path, tmp_path / "dist" / "app.zip")
    (tmp_path / "customers.csv").unlink()
    (tmp_path / "requirements.txt").unlink()
    with pytest.raises(WrongContents, match=r"missing: requirements\.txt"):
        build(tmp_path, tmp_path / "dist" / "app.zip")


def test_the_requirements_in_the_package_hold_every_library_that_the_app_imports(package: Package) -> None:
    """The remote build installs nothing else; on this machine a library of the tests would hide the gap."""
    text = (package.folder / "requirements.txt").read_text(encoding="utf-8")
    locked = {_normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}
    owners = importlib.metadata.packages_distributions()
    imported = {name for path in package.folder.rglob("*.py") for name in _imports(path)}
    libraries = imported - sys.stdlib_module_names - {name.removesuffix(".py") for name in APP} - {"azure"}
    assert {"pydantic", "openai", "re2"} <= libraries
    missing = {name for name in libraries if not {_normal(owner) for owner in owners[name]} & locked}
    assert not missing


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_app_is_healthy_and_loaded_from_its_package(machine: Machine, package: Package) -> None:
    health = machine.request("GET", "/api/v1/health", key=None)
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    for room in ("activities", "orchestrators", "shared", "triggers"):
        assert list((package.folder / room).rglob("*.pyc")), f"{room} was not loaded from the package"


def test_the_dashboard_is_served_with_every_file_that_it_names(machine: Machine) -> None:
    page = machine.request("GET", "/api/v1/dashboard", key=None)
    assert page.status_code == 200
    to_read = {f"/api/v1/{name}" for name in re.findall(r'(?:src|href)="(dashboard/[^"]+)"', page.text)}
    served: set[str] = set()
    while to_read:
        path = to_read.pop()
        answer = machine.request("GET", path, key=None)
        assert answer.status_code == 200, path
        served.add(path)
        imported = re.findall(r'from "(\.{1,2}/[^"]+)"', answer.text)
        to_read |= {posixpath.normpath(f"{posixpath.dirname(path)}/{name}") for name in imported} - served
    folders = {path.split("/")[-2] for path in served}
    assert folders == {"scripts", "styles", "views"}


def test_a_tiny_run_stores_its_texts(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "catalogue.csv").write_text(CATALOGUE, encoding="utf-8")
    report = machine.client.import_file(tmp_path / "catalogue.csv")
    assert (report["status"], report["created"]) == ("completed", 1)
    answer = machine.run(1)
    assert answer["run"]["status"] == "completed"
    tries = machine.client.product("PK-1")["tries"]
    assert {name: each["state"] for name, each in tries.items()} == dict.fromkeys(tries, "stored")
    assert set(tries) >= set(LOCALES)
