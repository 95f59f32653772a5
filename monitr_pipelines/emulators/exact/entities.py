"""What can be asked for, by its path below a division: kinds of rows, their keys and pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitr_pipelines.emulators.exact import fields
from monitr_pipelines.emulators.exact.divisions import Divisions
from monitr_pipelines.emulators.exact.fields import Fields
from monitr_pipelines.emulators.exact.lines import Lines, Row
from monitr_pipelines.emulators.exact.masters import Masters
from monitr_pipelines.emulators.shared.records import Company

PAGE, SYNC_PAGE = 60, 1000
TIMESTAMP = "Timestamp"


@dataclass(frozen=True)
class EntitySet:
    """A kind of rows.

    Args:
        path: Below the division.
        model: The name of its type.
        fields: What its rows have.
        rows: Makes the rows of a company; those of sync endpoints above a row version and in its order.
        key: The field that tells rows apart and that pages go by.
        any_division: Whether the number in the address is not looked at.
    """

    path: str
    model: str
    fields: Fields
    rows: Callable[[Company, int], Iterable[Row]]
    key: str = "ID"
    any_division: bool = False

    @property
    def sync(self) -> bool:
        """Whether it goes by row versions: a thousand rows a page, and no other filter."""
        return self.key == TIMESTAMP

    @property
    def page(self) -> int:
        """The rows of a page."""
        return SYNC_PAGE if self.sync else PAGE

    @property
    def type(self) -> str:
        """The name of its type as rows tell it."""
        return f"Exact.Web.Api.Models.{self.model}"


def entity_sets(divisions: Divisions) -> Mapping[str, EntitySet]:
    """All of them by path."""
    lines, masters = Lines(divisions), Masters(divisions)
    sets = (
        EntitySet("current/Me", "System.Me", fields.ME, masters.me, "UserID", any_division=True),
        EntitySet(
            "system/Divisions",
            "System.Division",
            fields.DIVISION,
            masters.usable,
            "Code",
            any_division=True,
        ),
        EntitySet(
            "system/AllDivisions",
            "System.Division",
            fields.DIVISION,
            masters.everything,
            "Code",
            any_division=True,
        ),
        EntitySet(
            "sync/Financial/TransactionLines",
            "Sync.SyncTransactionLine",
            fields.TRANSACTION_LINE,
            lines.changed,
            TIMESTAMP,
        ),
        EntitySet(
            "sync/Financial/GLAccounts",
            "Sync.SyncGLAccount",
            fields.SYNC_ACCOUNT,
            masters.accounts,
            TIMESTAMP,
        ),
        EntitySet("sync/Project/Projects", "Sync.SyncProject", fields.PROJECT, masters.projects, TIMESTAMP),
        EntitySet("sync/Deleted", "Sync.Deleted", fields.DELETED, lines.deleted, TIMESTAMP),
        EntitySet("financial/GLAccounts", "GLAccount", fields.ACCOUNT, masters.accounts),
        EntitySet("financial/Journals", "Journal", fields.JOURNAL, masters.journals),
        EntitySet("financial/FinancialPeriods", "FinancialPeriod", fields.PERIOD, masters.periods),
        EntitySet("financial/ReportingBalance", "ReportingBalance", fields.BALANCE, lines.balances),
        EntitySet("hrm/Costcenters", "Costcenter", fields.COST_CENTRE, masters.cost_centres),
        EntitySet("hrm/Costunits", "Costunit", fields.COST_CENTRE, masters.cost_units),
    )
    return {each.path: each for each in sets}
