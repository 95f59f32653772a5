"""The balances that an audit file states for its accounts, compared with what its lines make of them."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from monitr_pipelines.files.reading.problems import Problems
from monitr_pipelines.ledger.limits import MOST_ACCOUNTS
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.sentences import sentence

SHOWN = 10


class Balances:
    """Amounts of accounts, debit positive: what was `stated`, and the `found` sums of lines."""

    def __init__(self) -> None:
        self.stated: dict[str, Decimal] = {}
        self.found: defaultdict[str, Decimal] = defaultdict(Decimal)

    def state(self, account: str, amount: Decimal) -> None:
        """The file states the balance of an account."""
        if len(self.stated) < MOST_ACCOUNTS:
            self.stated[account] = amount

    def tell(self, problems: Problems) -> None:
        """Say once which balances differ, if any: a warning, because the lines are the books."""
        differ = [account for account, amount in self.stated.items() if amount != self.found.get(account, 0)]
        if differ:
            told = sentence(
                "balances_differ", count=len(differ), accounts=_listed(differ, self.stated, self.found)
            )
            problems.warn("balances_differ", told)


def _listed(accounts: list[str], stated: Mapping[str, Decimal], found: Mapping[str, Decimal]) -> str:
    shown = [
        f"{account} ({plain(stated[account])} / {plain(found.get(account, Decimal(0)))})"
        for account in accounts[:SHOWN]
    ]
    return ", ".join(shown) + (" ..." if len(accounts) > SHOWN else "")
