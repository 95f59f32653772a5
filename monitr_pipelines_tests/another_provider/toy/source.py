"""One company's books in Toy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from monitr_pipelines.ledger.changes import Cursor, Replace, WholeLedger
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue, LedgerLine
from monitr_pipelines.ledger.tie_out import TrialBalance
from monitr_pipelines.providers.contract import Administration, End, Item, Ports
from monitr_pipelines.providers.http import Client

LIMITS = 100


class ToySource:
    """Reads one company, or lists all."""

    def __init__(self, administration: str | None, ports: Ports) -> None:
        credentials = ports.tokens.read()
        self._client = Client("Toy", credentials["url"], ports.rate_limits)
        self._headers = {"Authorization": f"Bearer {credentials['key']}"}
        self._company = administration or ""

    def check(self) -> None:
        """Whether the key works."""
        self._ask("/companies")

    def administrations(self) -> Sequence[Administration]:
        """All companies."""
        return [Administration(row["id"], row["name"], row["currency"]) for row in self._ask("/companies")]

    def accounts(self) -> Iterator[Account]:
        """The chart of accounts."""
        for row in self._ask("/accounts", company=self._company):
            yield Account(row["code"], row["name"], AccountType(row["type"]))

    def axes(self) -> Sequence[AxisValue]:
        """None."""
        return ()

    def transactions(self, cursor: Cursor | None) -> Iterator[Item]:
        """The whole ledger."""
        yield Replace(WholeLedger(), ())
        after = 0
        while rows := self._ask("/lines", company=self._company, after=str(after)):
            yield Replace(WholeLedger(), list(map(_line, rows)))
            after = rows[-1]["id"]
        yield End({"lines": after})

    def trial_balance(self, at: date) -> TrialBalance:
        """Its sums up to the day."""
        rows = self._ask("/balances", company=self._company, day=at.isoformat())
        balances = {row["account"]: row["balance"] for row in rows}
        return TrialBalance(balances, day=at, year_start=at.replace(month=1, day=1))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _ask(self, path: str, **query: str) -> list[Mapping[str, Any]]:
        document = self._client.ask("GET", path, headers=self._headers, query=query).document
        return list(document["rows"])


def _line(row: Mapping[str, Any]) -> LedgerLine:
    return LedgerLine(
        external_id=str(row["id"]),
        booking_date=date.fromisoformat(row["day"]),
        account_code=row["account"],
        amount=Decimal(row["amount"]),
        booking=str(row["entry"]),
    )
