"""The chart of accounts and the cost centres of a dossier."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.octopus.api import Api
from monitr_pipelines.providers.octopus.datasets import ACCOUNTS, AccountRow, Descriptions
from monitr_pipelines.providers.octopus.lines import COST_CENTRE, PROFIT_AND_LOSS, account_of
from monitr_pipelines.providers.octopus.values import TITLE, bare


@dataclass(frozen=True)
class Chart:
    """What lines refer to, by number.

    Args:
        accounts: Their names; every bookyear has accounts of its own, and the latest one names them.
        cost_centres: Their names, closed ones too; those that the list does not name yet by their number.
    """

    accounts: Mapping[str, str]
    cost_centres: Mapping[str, str]

    def as_accounts(self) -> list[Account]:
        """Accounts of the ledger: of which statement each is, its class in the Belgian chart tells."""
        return [Account(code, name, _type(code)) for code, name in self.accounts.items()]

    def as_values(self) -> list[AxisValue]:
        """Values of the axis."""
        return [AxisValue(COST_CENTRE, code, name) for code, name in self.cost_centres.items()]


def read_chart(api: Api, kept: Mapping[str, str], *, sparing: bool) -> Chart:
    """The chart as it is now.

    Cost centres may be asked for twice a day, and what an earlier import heard of them stands in where
    that is used up.

    Args:
        api: The dossier.
        kept: The names of cost centres when they were read last.
        sparing: Whether one call of the day is left for whoever reads the whole ledger.

    Raises:
        EntityGone: There are no accounts. Every dossier has some: the user lacks the right to see them.
    """
    accounts = read_accounts(api)
    listed = api.cost_centres(sparing=sparing)
    if listed is None:
        return Chart(accounts, kept)
    centres = {str(row.key.id): _name(row.description) or str(row.key.id) for row in listed}
    return Chart(accounts, centres)


def read_accounts(api: Api) -> dict[str, str]:
    """The names of accounts by number, as the latest bookyear has them."""
    found = api.all(ACCOUNTS)
    rows: list[AccountRow] = found.modified if found else []
    if not rows:
        raise EntityGone(Message("books_hidden", {"title": TITLE}))
    rows.sort(key=lambda row: row.key.bookyear.id)
    return {account_of(row.key.number): _name(row.description) for row in rows}


def _type(code: str) -> AccountType:
    return AccountType.PROFIT_AND_LOSS if code.startswith(PROFIT_AND_LOSS) else AccountType.BALANCE_SHEET


def _name(told: Descriptions | None) -> str:
    """The first language that it has a name in."""
    names = (told.dutch, told.french, told.english, told.german) if told else ()
    return next(filter(None, map(bare, names)), "")
