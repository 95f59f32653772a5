"""What the bench of connectors compares is the same: the lines, their amounts, the requests."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bench import peers, server
from bench.connectors.contest import Contest, Loaded, prepare, refuse_unequal
from bench.connectors.software import Software
from bench.connectors.softwares import SOFTWARES
from bench.emulated import emulated

LINES = 400


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    """Databases on the bench's own server: dlt wants host and password."""
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv(server.DATABASE_URL, raising=False)
        with server.running() as served:
            patched.setenv(server.DATABASE_URL, served.address)
            patched.setenv("MONITR_HOME", str(tmp_path_factory.mktemp("bench")))
            prepare(served)
            yield served


@pytest.fixture(params=SOFTWARES, ids=lambda software: software.title)
def contestants(
    request: pytest.FixtureRequest,
    databases: server.Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Contest]:
    monkeypatch.setenv("MONITR_PROVIDER_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("MONITR_SPOOL_DIR", str(tmp_path / "spools"))
    software: Software = request.param
    with emulated(software.provider, LINES, options=software.options) as served:
        yield Contest(software, served, databases, tmp_path)


def test_ours_and_the_bare_client_do_what_is_measured(contestants: Contest) -> None:
    ours = contestants.ours()
    assert ours.lines == LINES
    assert ours.amounts > 0
    assert ours.cpu_seconds > 0
    if contestants.software is SOFTWARES[0]:  # that of the others is no other code
        assert contestants.act("again")["changed"] == 0
    asked = contestants.act("requests")
    bare = contestants.bare(asked)
    assert bare["requests"] == len(asked["requests"])
    assert bare["bytes"] > LINES


@pytest.mark.skipif(not peers.PYTHON.exists(), reason="dlt is not installed: `python -m bench.peers`")
def test_dlt_loads_the_same_lines(contestants: Contest) -> None:
    refuse_unequal(contestants.ours(), contestants.peer(), LINES)


SAME = Loaded(1.0, 1.0, 0.0, LINES, Decimal(100))


@pytest.mark.parametrize(
    "theirs", [replace(SAME, lines=LINES - 1), replace(SAME, amounts=Decimal("99.99"))], ids=["line", "cent"]
)
def test_whoever_lost_something_is_told(theirs: Loaded) -> None:
    refuse_unequal(SAME, SAME, LINES)
    with pytest.raises(RuntimeError):
        refuse_unequal(SAME, theirs, LINES)


def test_both_must_hold_what_was_due() -> None:
    with pytest.raises(RuntimeError):
        refuse_unequal(SAME, SAME, LINES + 1)
