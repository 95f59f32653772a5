"""What other processes run counts for `make coverage`, however they begin and end."""

import json
import os
import subprocess
import sys
from pathlib import Path

from process_kit import LONGEST_WAIT

ROOT = Path(__file__).parents[2]
OURS = 'source_pkgs = ["monitr_pipelines"]'
LEFT_OUT = 'omit = ["*/pytest-of-*/*"]'  # where the toy lies
WAYS = ["forked", "started", "terminated", "served", "replaced"]
PROGRAM = """
import multiprocessing, os, subprocess, sys
from toy import work

if __name__ == "__main__":
    if not (child := os.fork()):
        work.forked()
        os._exit(0)
    os.waitpid(child, 0)
    subprocess.run([sys.executable, "-c", "from toy import work; work.started()"], cwd="/", check=True)
    code = "import time; from toy import work; work.terminated(); print(flush=True)"
    code += "\\nwhile True: time.sleep(0.1)"  # a signal just before signal.pause wakes nobody
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as waiting:
        waiting.stdout.readline()
        waiting.terminate()
    serving = multiprocessing.get_context("forkserver").Process(target=work.served)
    serving.start()
    serving.join()
    os.execv(sys.executable, [sys.executable, "-c", "from toy import work; work.replaced()"])
"""


def test_processes_of_every_kind_are_measured(tmp_path: Path) -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    for ours, toys in ((OURS, 'source_pkgs = ["toy"]'), (LEFT_OUT, "")):
        assert ours in settings
        settings = settings.replace(ours, toys)
    (tmp_path / "pyproject.toml").write_text(settings)
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/__init__.py").touch()
    (tmp_path / "toy/work.py").write_text(
        "\n".join(f"def {way}():\n    print({way!r})" for way in [*WAYS, "never"])
    )
    (tmp_path / "program.py").write_text(PROGRAM)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    for arguments in (["run", "program.py"], ["combine"], ["json", "--fail-under", "0", "-o", "told.json"]):
        subprocess.run(
            [sys.executable, "-m", "coverage", *arguments],
            cwd=tmp_path,
            env={**outside, "PYTHONPATH": str(tmp_path)},
            check=True,
            timeout=LONGEST_WAIT,
        )
    functions = json.loads((tmp_path / "told.json").read_text())["files"]["toy/work.py"]["functions"]
    ran = {name: bool(told["executed_lines"]) for name, told in functions.items() if name}
    assert ran == {**dict.fromkeys(WAYS, True), "never": False}
