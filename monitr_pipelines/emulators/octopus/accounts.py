"""Ledger accounts, of which each bookyear has its own, and what became of their numbers.

An account is known by its number alone: one that gets another number is gone under the old one, and the
documents on it count as modified.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from monitr_pipelines.emulators.octopus.dossiers import Bookyear, Dossiers
from monitr_pipelines.emulators.octopus.forms import INT32
from monitr_pipelines.emulators.shared.records import Account, Company
from monitr_pipelines.ledger.records import AccountType

Row = dict[str, object]
# Whether lines on an account may have a cost centre: 0 for never.
NO_COST_CENTRE, COST_CENTRE = 0, 2
ALL_OF_IT = Decimal("100.0")


class NotShown(ValueError):
    """The books hold what this software has no form for."""


class GoneAccount(NamedTuple):
    """A number that no account has any more, since a moment in µs since 1970."""

    company: int
    number: int
    time: int


@dataclass
class Accounts:
    """The charts of the dossiers; `recoded` tells when an account last got another number."""

    dossiers: Dossiers
    recoded: dict[int, int] = field(default_factory=dict)
    gone: list[GoneAccount] = field(default_factory=list)
    _codes: dict[int, tuple[int, str]] = field(default_factory=dict, repr=False)
    _numbers: dict[int, int] = field(default_factory=dict, repr=False)

    def look(self, deleted: dict[int, int]) -> bool:
        """Note what changed since the last look: whether a number did.

        Args:
            deleted: When accounts were deleted, by id.
        """
        books, changed = self.dossiers.books, False
        for account, (company, code) in list(self._codes.items()):
            now = books.accounts.get(account)
            if now is not None and now.code == code:
                continue
            time = deleted[account] if now is None else now.stamp.time
            self.gone.append(GoneAccount(company, _number(code), time))
            del self._codes[account]
            if now is not None:
                self.recoded[account] = time
                changed = True
        for account, row in books.accounts.items():
            self._codes.setdefault(account, (row.company, row.code))
        self._numbers = {}
        return changed

    def number(self, account: int | None) -> int:
        """The number that lines on an account carry."""
        if account is None:
            raise NotShown("a line has no account")
        if account not in self._numbers:
            self._numbers[account] = _number(self.dossiers.books.accounts[account].code)
        return self._numbers[account]

    def rows(self, company: Company, bookyear: Bookyear, since: int = 0) -> Iterator[Row]:
        """The accounts of a bookyear that were modified at a moment, in ms since 1970, or later."""
        for account in self.dossiers.books.accounts.values():
            modified = max(account.stamp.time, bookyear.opened) // 1000
            if account.company == company.id and modified >= since:
                yield _row(account, bookyear)

    def gone_since(self, company: Company, bookyear: Bookyear, since: int) -> Iterator[Row]:
        """The keys of those that are gone since then."""
        used = {code for of, code in self._codes.values() if of == company.id}
        for each in self.gone:
            if each.company == company.id and each.time // 1000 >= since and str(each.number) not in used:
                yield {"accountKey": _key(each.number, bookyear)}


def _number(code: str) -> int:
    if not (code.isascii() and code.isdigit() and int(code) in INT32):
        raise NotShown(f"account {code} is no number")
    return int(code)


def _key(number: int, bookyear: Bookyear) -> Row:
    return {"bookyearKey": {"id": bookyear.id}, "id": number}


def _row(account: Account, bookyear: Bookyear) -> Row:
    result = account.type is AccountType.PROFIT_AND_LOSS
    return {
        "accountKey": _key(_number(account.code), bookyear),
        "costCentreType": COST_CENTRE if result else NO_COST_CENTRE,
        "description": described(account.name),
        "fiscProfessionalPercentage": ALL_OF_IT,
        "fiscRecupPercentage": ALL_OF_IT,
        "vatRecupPercentage": ALL_OF_IT,
    }


def described(name: str) -> Row:
    """A name in the languages that a dossier of Belgium has; in German there is none."""
    return {"description_EN": "", "description_FR": name, "description_NL": name}
