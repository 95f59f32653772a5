"""Whatever happens to the books, whoever follows the changes has the ledger, and balances are its sums."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from edits_kit import KINDS, Edit, History, histories
from hypothesis import given, settings
from yuki_server_kit import Client, Row, ledger_in, ledger_of, yuki_server

from monitr_pipelines.emulators.shared.invented import Size, invented_books

SMALL = Size(entries_per_month=2)
# This software has no lines that are divided over projects.
ALLOWED = [kind for kind in KINDS if kind != "split"]
END = date(2025, 12, 31)


def everything(client: Client) -> list[Row]:
    """All changes so far, page by page."""
    rows: list[Row] = []
    while page := client.changes(len(rows)):
        rows += page
    return rows


@settings(max_examples=5)
@given(history=histories(ALLOWED, 60))
def test_whoever_follows_the_changes_has_the_ledger(history: list[Edit]) -> None:
    with yuki_server(invented_books(SMALL)) as client:
        edits = History(client.books)
        edits.apply(history[: len(history) // 2])
        client.changes()
        edits.apply(history[len(history) // 2 :])
        edits.settle()
        rows = everything(client)
        standing = ledger_in([row for row in rows if row["deleted"] == "false"])
        assert standing == ledger_in(client.details("2000-01-01", "2099-12-31")) == ledger_of(client.books)
        assert not {row["id"] for row in rows if row["deleted"] == "true"} & set(standing)
        balances: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in client.ask("GLAccountBalance", transactionDate=END.isoformat()).rows("GLAccount"):
            balances[row["Code"]] += Decimal(row["Amount"])
        trial_balance = client.books.trial_balance(1, END)
        assert {code: amount for code, amount in balances.items() if amount} == trial_balance
