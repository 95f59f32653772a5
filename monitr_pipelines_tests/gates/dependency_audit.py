"""Known flaws of the pinned packages, by the database of open source vulnerabilities (OSV).

Run with `make audit`. pip-audit asks for each pin of `constraints.txt`. Its answer counts only after it has
found a flaw that has been known for years, in a release that has it: else nobody answered, or somebody else
did in the database's name.

Exit codes: 0 no flaw is known, 1 there are some, 3 not audited. `PIP_AUDIT_OSV_URL` names another service
that answers as OSV does.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PINS = ROOT / "constraints.txt"
# A certificate that must be refused is taken: fixed in 1.24.2, in April 2019.
OLD_PIN, OLD_FLAW = "urllib3==1.24.1", "CVE-2019-11324"
# What comes with the machine's Python, and what is being audited.
NEVER_PINNED = {"pip", "monitr-pipelines"}
PIN = re.compile(r"([\w.-]+)==([\w.]+)")
NO_FLAW, FLAWS, NOT_AUDITED = 0, 1, 3
LONGEST_ANSWER = 15  # seconds
LONGEST_AUDIT = 1200  # seconds, for a request a pin

Dependency = dict[str, Any]
Say = Callable[[str], object]


class NotAudited(Exception):
    """Nothing is known of the pins; says why."""


def normalised(name: str) -> str:
    """A package's name as all spellings of it are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of(file: Path) -> dict[str, str]:
    """The packages of a file of pins with their versions; NotAudited where a line is anything else."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        pin = PIN.fullmatch(line)
        if not pin:
            raise NotAudited(f"{file.name} has a line that pins no version: {line}")
        found[normalised(pin[1])] = pin[2]
    return found


def unpinned(pins: Iterable[str]) -> list[str]:
    """What is installed here and has no pin, so that nobody would ask about it."""
    installed = {normalised(each.name) for each in metadata.distributions()}
    return sorted(installed - set(pins) - NEVER_PINNED)


def ask(file: Path) -> list[Dependency]:
    """What pip-audit says of each pin of a file.

    Raises:
        NotAudited: it could not ask about every one of them.
    """
    options = ["--no-deps", "--disable-pip", "--strict", "--progress-spinner", "off"]
    service = ["--vulnerability-service", "osv", "--timeout", str(LONGEST_ANSWER), "--format", "json"]
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), *options, *service]
    try:
        audit = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_AUDIT)
        found: list[Dependency] = json.loads(audit.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        raise NotAudited(f"no answer within {LONGEST_AUDIT} s") from None
    except json.JSONDecodeError:  # its exit code is 1 for flaws too
        raise NotAudited((audit.stderr.strip() or "no answer").splitlines()[-1]) from None
    answered = {normalised(each["name"]): each.get("version") for each in found}
    missing = sorted(name for name, version in pins_of(file).items() if answered.get(name) != version)
    if missing:
        raise NotAudited(f"no answer about {', '.join(missing)}")
    return found


def all_are_pinned(pins: Iterable[str], file: Path) -> None:
    """NotAudited where something is installed that has no pin."""
    if strays := unpinned(pins):
        raise NotAudited(f"installed, and not pinned in {file.name}: {', '.join(strays)}")


def finds_the_old_flaw() -> None:
    """NotAudited unless a flaw that everybody knows is found in a release that has it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "old.txt")
        file.write_text(f"{OLD_PIN}\n", encoding="utf-8")
        flaws = [flaw for each in ask(file) for flaw in each["vulns"]]
    if not any(OLD_FLAW in {flaw["id"], *flaw["aliases"]} for flaw in flaws):
        raise NotAudited(f"{OLD_FLAW} was not found in {OLD_PIN}, which has it")


def told(dependency: Dependency) -> Iterable[str]:
    """A line for each flaw of a package: which, under what other names, and what releases are without it."""
    for flaw in dependency["vulns"]:
        names = ", ".join([flaw["id"], *sorted(set(flaw["aliases"]) - {flaw["id"]})])
        fixed = f"fixed in {', '.join(flaw['fix_versions'])}" if flaw["fix_versions"] else "not fixed yet"
        yield f"{dependency['name']} {dependency['version']}: {names}; {fixed}"


def main(say: Say = print, file: Path = PINS) -> int:
    """Audit the pins, and say what was found; the exit code."""
    try:
        pins = pins_of(file)
        all_are_pinned(pins, file)
        finds_the_old_flaw()
        flaws = [line for dependency in ask(file) for line in told(dependency)]
    except NotAudited as reason:
        say(f"not audited: {reason}")
        return NOT_AUDITED
    for line in flaws:
        say(line)
    say(f"{len(flaws)} known flaws in {len(pins)} pinned packages; the check found {OLD_FLAW} in {OLD_PIN}")
    return FLAWS if flaws else NO_FLAW


if __name__ == "__main__":
    sys.exit(main())
