"""The linter of the pages' JavaScript knows the project's rules, and finds what is planted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from process_kit import LONGEST_WAIT

ROOT = Path(__file__).parents[2]
OXLINT = Path(sys.executable).parent / "oxlint"


def findings(file: Path) -> list[str]:
    command = [OXLINT, "--config", ROOT / ".oxlintrc.jsonc", "--format", "json", file]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False, timeout=LONGEST_WAIT)
    found = [each["code"] for each in json.loads(ended.stdout)["diagnostics"]]
    assert bool(ended.returncode) == bool(found)
    return found


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("const area = document.body;", "eslint(no-unused-vars)"),
        ("document.title = told;", "eslint(no-undef)"),
        ('if (document.title == "") document.title = "none";', "eslint(eqeqeq)"),
        ('eval("1");', "eslint(no-eval)"),
        ("document.title.length;", "eslint(no-unused-expressions)"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, source: str, rule: str) -> None:
    file = tmp_path / "planted.js"
    file.write_text(f"{source}\n")
    assert rule in findings(file)


def test_plain_code_passes(tmp_path: Path) -> None:
    file = tmp_path / "plain.js"
    file.write_text('document.querySelector("a").addEventListener("click", () => location.reload());\n')
    assert findings(file) == []
