"""The units: systemd understands them, and they may do little."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from deploy_kit import BIN, SYSTEMD, units
from process_kit import LONGEST_WAIT

ANALYZE = shutil.which("systemd-analyze") or ""
MOST_EXPOSURE = 2
UNITS = sorted(SYSTEMD.glob("*.service"))
needs_systemd = pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is of Debian's package systemd")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The units as if our programs were installed where they say."""
    programs = f"{Path(sys.executable).parent}/"
    for unit in [*UNITS, SYSTEMD / "monitr.target"]:
        name = unit.name.replace("@.", "@1.")
        (tmp_path / name).write_text(
            unit.read_text(encoding="utf-8").replace(BIN, programs), encoding="utf-8"
        )
    return tmp_path


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [ANALYZE, "--no-pager", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_WAIT)


@needs_systemd
def test_systemd_understands_every_unit(folder: Path) -> None:
    verified = analyze("verify", "--man=no", *folder.iterdir())
    assert (verified.returncode, verified.stderr) == (0, "")


@needs_systemd
def test_systemd_finds_what_is_planted(folder: Path) -> None:
    unit = folder / "monitr-web.service"
    unit.write_text(
        unit.read_text(encoding="utf-8").replace("NoNewPrivileges", "NoNewPrivilege"), encoding="utf-8"
    )
    assert "'NoNewPrivilege' in section [Service]" in analyze("verify", "--man=no", unit).stderr


@needs_systemd
def test_units_may_do_little(folder: Path) -> None:
    rated = analyze(
        "security", "--offline=yes", f"--threshold={MOST_EXPOSURE * 10}", *sorted(folder.glob("*.service"))
    )
    assert rated.returncode == 0, rated.stdout
    assert rated.stdout.count("Overall exposure level") == len(UNITS)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_has_a_user_and_limits(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    (user,) = re.findall(r"^User=(.+)$", text, re.MULTILINE)
    assert re.search(
        rf'^u {user} - ".+" /var/lib/{user}$', (SYSTEMD / "sysusers.conf").read_text(), re.MULTILINE
    )
    assert (user == "monitr-web") == ("web.server" in text)
    assert "MemoryMax=" in text
    assert f"MONITR_HOME=/var/lib/{user} DAGSTER_HOME=/var/lib/{user}/dagster" in text
    if unit.name != "monitr-migrate.service":
        assert "Requires=monitr-migrate.service" in text


def test_the_target_starts_every_unit_but_the_workers() -> None:
    (wanted,) = re.findall(
        r"^Wants=(.+)$", (SYSTEMD / "monitr.target").read_text(encoding="utf-8"), re.MULTILINE
    )
    others = {"monitr-migrate.service", "monitr-worker@.service"}
    assert set(wanted.split()) == {unit.name for unit in units()} - others


def test_every_file_of_variables_is_read_by_a_unit() -> None:
    read = {
        name
        for unit in UNITS
        for name in re.findall(r"/etc/monitr/(\S+\.env)", unit.read_text(encoding="utf-8"))
    }
    assert read == {file.name for file in (SYSTEMD / "env").iterdir()}
