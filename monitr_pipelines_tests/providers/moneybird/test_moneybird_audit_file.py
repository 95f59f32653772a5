"""Two ways to the same books: the connector, and the audit file that Moneybird exports, read as a file."""

from collections import Counter
from collections.abc import Iterable
from io import BytesIO

import pytest
import requests
from moneybird_kit import emulated
from process_kit import LONGEST_WAIT

from monitr_pipelines.files import ReadSettings, open_ledger_file
from monitr_pipelines.ledger.changes import lines_of
from monitr_pipelines.ledger.records import LedgerLine

EXPORT, DOWNLOADS = "reports/export/auditfile.json", "downloads"


class Exports:
    """Whoever asks for audit files of an administration, step by step as Moneybird gives them."""

    def __init__(self, address: str, administration: str, token: str) -> None:
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._books = f"{address}/api/v2/{administration}"

    def lines(self, year: int) -> list[LedgerLine]:
        self._ask("POST", EXPORT, json={"year": str(year)})
        newest = self._ask("GET", f"{DOWNLOADS}.json", params={"download_type": "auditfile"}).json()[0]
        sent = self._ask("POST", f"{DOWNLOADS}/{newest['id']}/download.json")
        content = self._session.get(sent.headers["Location"], timeout=LONGEST_WAIT).content
        read = open_ledger_file(BytesIO(content), ReadSettings(content_hash="0" * 64))
        return [line for line in lines_of(read.changes()) if not line.opening]

    def _ask(self, method: str, path: str, **options: object) -> requests.Response:
        answer = self._session.request(
            method,
            f"{self._books}/{path}",
            timeout=LONGEST_WAIT,
            allow_redirects=False,
            **options,  # type: ignore[arg-type]
        )
        answer.raise_for_status()
        return answer


def facts(lines: Iterable[LedgerLine]) -> Counter[tuple[object, ...]]:
    """What both tell of a line; each has keys of its own."""
    return Counter(
        (
            line.booking_date,
            line.account_code,
            line.amount,
            line.description,
            {axis.lower(): value for axis, value in line.axes}.get("project"),
        )
        for line in lines
    )


@pytest.mark.parametrize("sign", ["debit", "credit"])
def test_the_lines_of_audit_files_are_those_of_the_connector(sign: str) -> None:
    with emulated(sign=sign) as moneybird:
        settings = moneybird.emulator.settings(moneybird.server.address)
        exports = Exports(settings["url"], moneybird.administration, settings["access_token"])
        from_files = [line for year in (2024, 2025) for line in exports.lines(year)]
        read = [line for item in moneybird.read() for line in getattr(item, "lines", ())]
        assert facts(read) == facts(line for line in from_files if line.amount)
        assert {line.axes for line in read} > {()}
