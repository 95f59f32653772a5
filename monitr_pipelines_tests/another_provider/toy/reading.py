"""Toy against its emulator: what a connector's own folder of tests begins with."""

from contextlib import closing
from datetime import date

from monitr_pipelines import emulators, providers
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.shared.invented import Size, invented_books
from monitr_pipelines.providers.contract import Credentials, Ports
from monitr_pipelines_tests.providers.http_kit import CountingLimits


class Given:
    """Credentials that do not change."""

    def __init__(self, values: dict[str, str]) -> None:
        self.read = lambda: Credentials(values)


def test_the_whole_ledger_is_read() -> None:
    books = invented_books(Size(lines=2500, companies=1))
    emulator = emulators.kinds()["toy"].build(books, {})
    at = date(2030, 1, 31)
    with serve(emulator) as server:
        ports = Ports(Given(dict(emulator.settings(server.address))), CountingLimits())  # type: ignore[arg-type]
        with closing(providers.find("toy").connect("1", ports)) as source:
            *changes, _ = source.transactions(None)
            assert sum(len(each.lines) for each in changes) == 2500
            assert source.trial_balance(at) == books.trial_balance(1, at)
