"""`.funcignore` is read as git reads it, and a rule that might be read differently is refused."""

import subprocess
from pathlib import Path

import pytest

from local.processes import ROOT
from scripts.ignore_rules import IgnoreRules, UnsupportedRule

RULES = "/scripts/\n# a comment\n\n__pycache__/\n*.pyc\n/.env*\nnotes?.txt\n"
PATHS = {
    "scripts/run.py": True,
    "dashboard/scripts/app.js": False,
    "shared/__pycache__/x.txt": True,
    "shared/deep/a.pyc": True,
    ".env.local": True,
    "shared/.env": False,
    "shared/notes1.txt": True,
    "notes.txt": False,
}


def left_out(rules: IgnoreRules, path: str) -> bool:
    parts = path.split("/")
    names = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    return any(rules.leave_out(name, name != path) for name in names)


def test_rules_are_read_as_git_reads_them(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(RULES, encoding="utf-8")
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    asked = subprocess.run(
        ["git", "check-ignore", *PATHS], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    by_git = set(asked.stdout.split())
    rules = IgnoreRules(RULES)
    assert {path for path in PATHS if left_out(rules, path)} == by_git
    assert by_git == {path for path, expected in PATHS.items() if expected}


@pytest.mark.parametrize("rule", ["!keep.py", "docs/*.md", "**/x", "[ab].py", r"a\ b"])
def test_a_rule_of_another_form_is_refused_and_named(rule: str) -> None:
    with pytest.raises(UnsupportedRule) as refused:
        IgnoreRules(f"/docs/\n{rule}\n")
    assert repr(rule) in str(refused.value)


def test_the_rules_of_this_project_leave_no_folder_of_the_app_out() -> None:
    rules = IgnoreRules((ROOT / ".funcignore").read_text(encoding="utf-8"))
    for path in ("dashboard/scripts", "triggers/docs", "shared/tests", "activities/local", "shared/infra"):
        assert not left_out(rules, path)
    for secret in ("local.settings.json", ".env", ".azure", "dist"):
        assert rules.leave_out(secret, is_folder=secret in (".azure", "dist"))
