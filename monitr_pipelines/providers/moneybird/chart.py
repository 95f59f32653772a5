"""The chart of accounts and the projects of an administration, by the ids that its lines refer to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2s

from monitr_pipelines.ledger.records import Account, AccountType, AxisValue
from monitr_pipelines.providers.moneybird.api import Api
from monitr_pipelines.providers.moneybird.datasets import PROJECT, AccountRow
from monitr_pipelines.providers.moneybird.values import bare

TYPES: Mapping[str, AccountType] = {
    **dict.fromkeys(
        (
            "non_current_assets",
            "current_assets",
            "equity",
            "provisions",
            "non_current_liabilities",
            "current_liabilities",
            "temporary",
        ),
        AccountType.BALANCE_SHEET,
    ),
    **dict.fromkeys(
        ("revenue", "direct_costs", "expenses", "other_income_expenses"), AccountType.PROFIT_AND_LOSS
    ),
}


@dataclass(frozen=True)
class Chart:
    """What lines refer to.

    Args:
        accounts: By id, those that are no longer in use too; `type` None for accounts of type `other`.
        values: Projects by id, archived ones too. Their ids are their codes: they have no other.
        codes: A digest of the code of each account, by one of its id: lines are read with the code.
    """

    accounts: Mapping[str, Account]
    values: dict[str, AxisValue]
    codes: Mapping[str, str] = field(default_factory=dict)

    def learn(self, projects: Iterable[str]) -> None:
        """Keep projects that lines have and no list names: their lines are the proof that there were some."""
        for project in projects:
            self.values.setdefault(project, AxisValue(PROJECT, project, project))


def read_chart(api: Api) -> Chart:
    """The chart as it is now."""
    accounts = _accounts(api.accounts())
    projects = {str(row.id): bare(row.name) or str(row.id) for row in api.projects()}
    return Chart(
        accounts,
        {code: AxisValue(PROJECT, code, name) for code, name in projects.items()},
        dict(_digests(id_, account.code) for id_, account in accounts.items()),
    )


def _accounts(rows: Iterable[AccountRow]) -> dict[str, Account]:
    """Moneybird lets accounts have no code, or several of them the same: then the id tells which it is."""
    coded = [(str(row.id), bare(row.account_id) or "", row) for row in rows]
    used = Counter(code for _, code, _ in coded)
    return {
        id_: Account(
            code if code and used[code] == 1 else f"{code} #{id_}".strip(),
            bare(row.name) or "",
            TYPES.get(row.account_type),
        )
        for id_, code, row in coded
    }


def _digests(id_: str, code: str) -> tuple[str, str]:
    """Five bytes of an id and four of its code: of four billion changes one is overlooked."""
    return (
        blake2s(id_.encode(), digest_size=5).hexdigest(),
        blake2s(code.encode(), digest_size=4).hexdigest(),
    )
