"""Every provider on every variant; a real server is started once, an emulator for each test."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from conformance_kit import Case, Software, cases
from emulated_kit import PAGE, emulated, pages_of


@pytest.fixture(params=cases(), ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ExitStack, dict[str, Software]]]:
    """Real servers by the name of their provider, until the last test has ended."""
    with ExitStack() as running:
        yield running, {}


@pytest.fixture
def software(
    case: Case,
    servers: tuple[ExitStack, dict[str, Software]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Software]:
    """The software with pages of forty rows."""
    if case.conformance.running is None:
        with emulated(case, page=PAGE) as started:
            yield started
        return
    running, found = servers
    if case.name not in found:
        folder = tmp_path_factory.mktemp(case.name)
        found[case.name] = running.enter_context(case.conformance.running(folder))
    with pages_of(case, PAGE):
        yield found[case.name]
