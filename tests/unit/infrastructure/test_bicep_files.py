"""The Bicep files fit together: parameters, outputs, versions; and nothing is reached with a key."""

import json
import re
import tomllib
from collections import defaultdict

import pytest

from local.processes import ROOT
from tests.unit.infrastructure.bicep import INFRA, Bicep, files, read, unbalanced

MAIN = read(INFRA / "main.bicep")
FILES = files()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.path.name))
def test_brackets_are_balanced_and_every_parameter_is_used(file: Bicep) -> None:
    assert unbalanced(file.text) is None
    for name in file.parameters:
        assert len(re.findall(rf"\b{name}\b", file.code)) > 1, f"{name} is declared and not used"
    declared = len(re.findall(r"^param ", file.code, re.MULTILINE))
    assert declared == len(file.parameters), "a parameter is written in a way that the reader does not know"


def test_every_module_gets_what_it_needs_and_no_file_is_left_over() -> None:
    named = {module.path for module in MAIN.modules}
    assert named == {file.path.relative_to(INFRA).as_posix() for file in FILES} - {"main.bicep"}
    for module in MAIN.modules:
        parameters = read(INFRA / module.path).parameters
        needed = {name for name, default in parameters.items() if default is None}
        assert needed <= module.passed <= set(parameters), module.symbol


def test_every_output_that_is_read_is_there() -> None:
    paths = {module.symbol: module.path for module in MAIN.modules}
    read_outputs = re.findall(r"\b(\w+)\.outputs\.(\w+)", MAIN.code)
    assert len(read_outputs) > 10
    for symbol, output in read_outputs:
        assert output in read(INFRA / paths[symbol]).outputs, f"{symbol}.outputs.{output}"


def test_files_that_are_loaded_are_there() -> None:
    loaded = [
        file.path.parent / name
        for file in FILES
        for name in re.findall(r"load(?:Json|Text)Content\('([^']+)'\)", file.code)
    ]
    assert len(loaded) == 3
    for path in loaded:
        json.loads(path.read_text(encoding="utf-8"))


def test_each_resource_type_has_one_api_version() -> None:
    versions = defaultdict(set)
    for file in FILES:
        for kind, version in file.resources:
            versions[kind].add(version)
            assert re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", version)
    assert len(versions) > 12
    assert not {kind: found for kind, found in versions.items() if len(found) > 1}
    previews = {kind for kind, found in versions.items() if any("preview" in one for one in found)}
    assert previews == {"Microsoft.Insights/diagnosticSettings"}  # Azure has no other version with groups


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("storage", "allowSharedKeyAccess: false"),
        ("storage", "allowBlobPublicAccess: false"),
        ("storage", "supportsHttpsTrafficOnly: true"),
        ("storage", "minimumTlsVersion: 'TLS1_2'"),
        ("openai", "disableLocalAuth: true"),
        ("openai", "customSubDomainName: name"),
        ("function-app", "httpsOnly: true"),
        ("function-app", "minTlsVersion: '1.2'"),
        ("function-app", "type: 'SystemAssignedIdentity'"),
        ("function-app", "allow: false"),
    ],
)
def test_access_is_by_identity_and_over_tls(module: str, line: str) -> None:
    assert line in [each.strip() for each in read(INFRA / "modules" / f"{module}.bicep").code.splitlines()]


def test_no_key_of_a_resource_is_read() -> None:
    for file in FILES:
        assert not re.search(r"\blist\w*\(", file.code, re.IGNORECASE), file.path.name
        assert "AccountKey" not in file.text


def test_keys_of_the_app_are_secure_and_no_output() -> None:
    for path in ("main.bicep", "modules/function-app.bicep"):
        for name in ("apiKeys", "readApiKeys"):
            declared = rf"@secure\(\)\n(?:@[^\n]+\n)*param {name} "
            assert re.search(declared, read(INFRA / path).code), f"{name} in {path}"
    assert not re.search(r"^output .*[kK]eys", MAIN.code, re.MULTILINE)
    assert "apiKeys" not in str(MAIN.variable("appSettings"))


def test_the_parameters_file_passes_every_parameter_with_the_same_default() -> None:
    content = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))
    passed = {name: entry["value"] for name, entry in content["parameters"].items()}
    assert set(passed) == set(MAIN.parameters)
    for name, default in MAIN.parameters.items():
        written = re.fullmatch(r"\$\{[A-Z_]+(?:=(.*))?\}", passed[name])
        assert written, name
        assert written[1] == (None if default is None else default.strip("'")), name


def test_every_variable_of_the_azd_environment_is_on_the_page() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = page.partition("## With azd")[2].partition("\n## ")[0]
    content = (INFRA / "main.parameters.json").read_text(encoding="utf-8")
    read_by_azd = set(re.findall(r"\$\{([A-Z_]+)", content))
    rows = "".join(line for line in section.splitlines() if line.startswith("| `"))
    assert read_by_azd - {"AZURE_ENV_NAME"} <= set(re.findall(r"`([A-Z_]+)`", rows))
    assert set(re.findall(r"azd env set ([A-Z_]+)", section)) <= read_by_azd


def test_azd_finds_the_service_and_python_fits() -> None:
    project = (ROOT / "azure.yaml").read_text(encoding="utf-8")
    service = re.search(r"^services:\n  (\w+):\n", project, re.MULTILINE)
    assert service is not None
    assert f"'azd-service-name': '{service[1]}'" in MAIN.code
    python = re.search(
        r"name: 'python'\s+version: '3\.(\d+)'", read(INFRA / "modules/function-app.bicep").code
    )
    assert python is not None
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    least, below = map(int, re.findall(r"3\.(\d+)", wanted))
    assert least <= int(python[1]) < below
