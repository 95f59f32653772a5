"""The image and its scripts: linted, made of files that are there, and secrets become variables."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from deploy_kit import COMPOSE, DEPLOY, ROOT, compose, values
from process_kit import LONGEST_WAIT

IMAGE = DEPLOY / "image"
SCRIPTS = [
    IMAGE / "entrypoint",
    IMAGE / "dagster-webserver",
    IMAGE / "dagster-daemon",
    COMPOSE.parent / "roles.sh",
]
DOCKERFILE = (IMAGE / "Dockerfile").read_text(encoding="utf-8")


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_WAIT,
    )


def test_linters_find_nothing_in_the_dockerfile_and_the_scripts() -> None:
    for command in (["hadolint", IMAGE / "Dockerfile"], ["shellcheck", *SCRIPTS]):
        linted = run(*command)
        assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout


def test_a_linter_finds_what_is_planted(tmp_path: Path) -> None:
    planted = tmp_path / "Dockerfile"
    planted.write_text("FROM python\nRUN sudo cd /x\n", encoding="utf-8")
    assert "DL3004" in run("hadolint", planted).stdout


def test_the_image_is_made_of_what_is_there_and_what_the_build_is_shown() -> None:
    copied = re.findall(r"^COPY (?!--from)(?:--chmod=\d+ )?(.+) \S+$", DOCKERFILE, re.MULTILINE)
    names = " ".join(copied).split()
    shown = (IMAGE / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for name in names:
        assert (ROOT / name).exists(), name
        assert f"!{'deploy/image' if name.startswith('deploy/image') else name}\n" in shown, name
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (extra,) = re.findall(r"\.whl\)\[(\w+)\]", DOCKERFILE)
    assert settings["project"]["optional-dependencies"][extra]
    (version,) = set(re.findall(r"^FROM python:(\S+?)-slim", DOCKERFILE, re.MULTILINE))
    assert f">={version}" == settings["project"]["requires-python"]


def test_nobody_is_root_in_a_container() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    for name, service in compose()["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service.get("read_only") or name == "postgres", name


def test_one_version_of_the_image_everywhere() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version = settings["project"]["version"]
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.suffix == ".yaml"]
    assert set(re.findall(r"monitr-pipelines:(\S+)", "\n".join([*texts, DOCKERFILE]))) == {version}
    assert values()["dagsterWebserver"]["image"]["tag"] == version


def test_secrets_that_are_files_become_variables(tmp_path: Path) -> None:
    (tmp_path / "MONITR_SMTP_URL").write_text("smtp://me:a b$(c)'\"@host\n", encoding="utf-8")
    (tmp_path / "postgres_password").write_text("canary", encoding="utf-8")
    printed = run("sh", IMAGE / "entrypoint", "env", SECRETS_FOLDER=str(tmp_path))
    assert printed.returncode == 0
    assert "MONITR_SMTP_URL=smtp://me:a b$(c)'\"@host\n" in printed.stdout
    assert "canary" not in printed.stdout
    without = run("sh", IMAGE / "entrypoint", "true", SECRETS_FOLDER=str(tmp_path / "nowhere"))
    assert (without.returncode, without.stderr) == (0, "")


def test_the_command_takes_the_place_of_the_script(tmp_path: Path) -> None:
    """Signals reach it: nothing stands between."""
    script = f"exec sh \"{IMAGE / 'entrypoint'}\" sh -c 'echo $PPID'"
    ended = run("sh", "-c", script, SECRETS_FOLDER=str(tmp_path))
    assert int(ended.stdout) == os.getpid()


@pytest.mark.parametrize("name", ["dagster-webserver", "dagster-daemon"])
def test_programs_that_charts_start_are_ours(name: str) -> None:
    assert "-m monitr_pipelines.dagster_process dagster" in (IMAGE / name).read_text(encoding="utf-8")
    assert f"deploy/image/{name}" in DOCKERFILE
