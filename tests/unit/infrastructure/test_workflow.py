"""The GitHub workflow publishes the zip that it has built and tested, and only when a person asks for it."""

import re

from local.processes import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "package.yml").read_text(encoding="utf-8")
JOBS = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", WORKFLOW.partition("\njobs:\n")[2], re.MULTILINE))


def test_the_commands_are_those_of_the_project() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = re.findall(r"^ +run: (.+)$", WORKFLOW, re.MULTILINE)
    assert set(JOBS) == {"package", "infrastructure", "publish"}
    assert {"make package", ".ci/run"} < set(commands)
    for command in commands:
        program, word = command.split()[:2] if " " in command else (command, "")
        assert word in targets if program == "make" else program == "az" or (ROOT / program).is_file()


def test_what_is_published_was_tested_before() -> None:
    package = JOBS["package"]
    build, test, upload = (package.index(text) for text in ("make package", ".ci/run", "upload-artifact"))
    assert build < test < upload
    assert "PACKAGE: ${{ github.workspace }}/dist/app.zip" in package
    assert "path: dist/app.zip" in package
    publish = JOBS["publish"]
    assert "needs: [package, infrastructure]" in publish
    assert "package: app.zip" in publish
    assert "checkout" not in publish  # it has the tested zip and nothing else


def test_publishing_is_asked_for_from_the_main_branch_and_needs_no_secret() -> None:
    condition = (
        "github.event_name == 'workflow_dispatch' && inputs.publish && github.ref == 'refs/heads/main'"
    )
    assert f"if: {condition}\n" in JOBS["publish"]
    assert "environment: production" in JOBS["publish"]
    assert "secrets." not in WORKFLOW
    assert re.findall(r"^.*: write$", WORKFLOW, re.MULTILINE) == ["      id-token: write"]
