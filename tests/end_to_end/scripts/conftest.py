"""One running app with a small catalogue, for all tests of the scripts."""

from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.conftest import Machine, running_machine
from tests.end_to_end.scripts.shell import CATALOGUE, CATEGORIES, Shell


@pytest.fixture(scope="package")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture(scope="package")
def shell(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The scripts, with the catalogue imported. Each test uses categories of its own."""
    shell = Shell(machine, tmp_path_factory.mktemp("operator"))
    (shell.folder / "catalogue.csv").write_text(CATALOGUE, encoding="utf-8")
    first = shell.run("--action", "import", "--file", "catalogue.csv", "--json")
    assert (first.code, first.json["created"], first.err) == (0, 3 * len(CATEGORIES), "")
    return shell


@pytest.fixture
def fault(machine: Machine) -> Iterator[Callable[..., None]]:
    """Rules of the emulator for one test."""
    yield machine.faults
    machine.no_faults()
