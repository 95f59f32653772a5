"""What Moneybird says moved on each account within a period: what lines add up to, and what shows changes."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import blake2s
from typing import NamedTuple, TypeAlias

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.providers.moneybird.datasets import GeneralLedger, Sums
from monitr_pipelines.providers.moneybird.values import finite

UNMOVED = ""


class Sides(NamedTuple):
    """What an account has on either side, both without a sign as long as nothing is booked in red."""

    debit: Decimal
    credit: Decimal

    @property
    def net(self) -> Decimal:
        """Debit positive."""
        return self.debit - self.credit


Moved: TypeAlias = Mapping[str, Sides]


def moved(told: GeneralLedger) -> Moved:
    """What moved, by the id of the account; accounts with nothing on either side are left out."""
    debit, credit = by_account(told.debit_sums), by_account(told.credit_sums)
    both = {
        each: Sides(debit.get(each, ZERO), credit.get(each, ZERO)) for each in debit.keys() | credit.keys()
    }
    return {account: sides for account, sides in both.items() if any(sides)}


def by_account(told: Sums) -> dict[str, Decimal]:
    """The values of accounts by their ids."""
    return {str(row.ledger_account_id): finite(row.value, "value") for row in told.ledger_accounts}


def together(months: Iterable[Moved]) -> Moved:
    """What moved within all of them."""
    total: dict[str, Sides] = {}
    for month in months:
        for account, (debit, credit) in month.items():
            before = total.get(account, Sides(ZERO, ZERO))
            total[account] = Sides(before.debit + debit, before.credit + credit)
    return {account: sides for account, sides in total.items() if any(sides)}


def digest(total: Moved) -> str:
    """Eight bytes of it; nothing where nothing moved."""
    if not total:
        return UNMOVED
    told = "\n".join(
        f"{account} {sides.debit.normalize():f} {sides.credit.normalize():f}"
        for account, sides in sorted(total.items())
    )
    return blake2s(told.encode(), digest_size=8).hexdigest()
