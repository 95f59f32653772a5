"""The chart of accounts and the tracking categories of an organisation, by the ids that its lines name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from itertools import chain
from operator import attrgetter

from monitr_pipelines.ledger.blocks import AxisSet
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.xero.api import Api
from monitr_pipelines.providers.xero.datasets import AccountRow, JournalLineRow, TrackingRow
from monitr_pipelines.providers.xero.sign_in import TITLE
from monitr_pipelines.providers.xero.values import bare, contradicts, needed

TYPES = {
    **dict.fromkeys(("ASSET", "EQUITY", "LIABILITY"), AccountType.BALANCE_SHEET),
    **dict.fromkeys(("EXPENSE", "REVENUE"), AccountType.PROFIT_AND_LOSS),
}
RETAINED_EARNINGS = "RETAINEDEARNINGS"
ACCOUNT = attrgetter("account")
MOST_KNOWN = 10_000


@dataclass(frozen=True)
class Chart:
    """What lines refer to.

    Args:
        accounts: By id, archived ones too.
        values: Options of tracking categories as values of axes, by id, archived ones too.
        retained_earnings: The code of the account to which reports carry the results of earlier years.
        known: The values of lines by their tracking, as far as lines had it; many have the same one.
    """

    accounts: Mapping[str, Account]
    values: Mapping[str, AxisValue]
    retained_earnings: str | None
    known: dict[tuple[TrackingRow, ...] | None, AxisSet] = field(default_factory=dict, compare=False)

    def code_of(self, account: str, told: str | None) -> str:
        """The code of an account; of one that was made since, what the line tells."""
        known = self.accounts.get(account)
        return known.code if known else code_of(account, told)

    def axes_of(self, tracking: Iterable[TrackingRow] | None) -> AxisSet:
        """The values that a line has, by axis; of an option that is not listed, the names on the line.

        Raises:
            InconsistentData: Two of them are of one axis.
        """
        pairs = sorted(pair for each in tracking or () if (pair := self._pair(each)))
        if len(dict(pairs)) < len(pairs):
            contradicts("a line has two options of one tracking category")
        return tuple(pairs)

    def axes_of_each(self, tracking: Sequence[tuple[TrackingRow, ...] | None]) -> list[AxisSet]:
        """The same of many lines."""
        known = self.known
        if len(known) > MOST_KNOWN:
            known.clear()
        known |= {each: self.axes_of(each) for each in set(tracking).difference(known)}
        return list(map(known.__getitem__, tracking))

    def digests(self) -> dict[str, str]:
        """A digest of the name of each, by one of its id: lines that are read keep the names of then."""
        return dict(
            chain(
                (_digest(id_, account.code) for id_, account in self.accounts.items()),
                (_digest(id_, value.axis, value.code) for id_, value in self.values.items()),
            )
        )

    def unlisted(self, rows: Sequence[JournalLineRow]) -> dict[str, str]:
        """The same of what lines refer to and is not in it, by the names that the lines tell."""
        accounts = set(map(ACCOUNT, rows)) - self.accounts.keys()
        options = {
            each.option_id: pair
            for row in rows
            for each in row.tracking or ()
            if each.option_id and each.option_id not in self.values and (pair := self._pair(each))
        }
        return dict(
            chain(
                (
                    _digest(row.account, code_of(row.account, row.code))
                    for row in rows
                    if row.account in accounts
                ),
                (_digest(id_, *pair) for id_, pair in options.items()),
            )
        )

    def _pair(self, tracking: TrackingRow) -> tuple[str, str] | None:
        if value := self.values.get(tracking.option_id or ""):
            return value.axis, value.code
        option = bare(tracking.option)
        return (needed(tracking.name, "Name of a tracking category"), option) if option else None


def read_chart(api: Api) -> Chart:
    """The chart as it is now.

    Raises:
        EntityGone: There is none, and every organisation has accounts.
    """
    accounts = api.accounts()
    if not accounts:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    values = {
        needed(option.id, "TrackingOptionID"): _value(category.name, option.name)
        for category in api.tracking_categories()
        for option in category.options
    }
    retained = (code_of(row.id, row.code) for row in accounts if row.system == RETAINED_EARNINGS)
    return Chart({row.id: _account(row) for row in accounts}, values, next(retained, None))


def code_of(account: str, told: str | None) -> str:
    """The code of an account; of one without, its id in a form that is no code of any chart."""
    return bare(told) or f"#{needed(account, 'AccountID')}"


def _digest(id_: str, *names: str) -> tuple[str, str]:
    """Five bytes of an id and four of its names: of four billion changes one is overlooked."""
    return (
        blake2s(id_.encode(), digest_size=5).hexdigest(),
        blake2s("\0".join(names).encode(), digest_size=4).hexdigest(),
    )


def _account(row: AccountRow) -> Account:
    return Account(code_of(row.id, row.code), bare(row.name) or "", TYPES.get(row.kind or ""))


def _value(category: str, option: str) -> AxisValue:
    name = needed(option, "Name of a tracking option")
    return AxisValue(needed(category, "Name of a tracking category"), name, name)
