"""What of Tryton the conformance suite cannot ask of all providers in the same way: its real server runs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance_kit import Conformance, Requests, Rows
from edits_kit import KINDS, Edit
from tryton_changes_kit import CHANGES, post_a_draft
from tryton_kit import Tryton, running

from monitr_pipelines.ledger.changes import Cursor

EDITS = {change.__name__: change for change in CHANGES}
LINES = """
    select count(*) from account_move_line as line inner join account_move as move on line.move = move.id
    where move.company = ? and move.state = 'posted'
"""
DRAFTS = "select id from account_move where state = 'draft' and company = ?"
FAR = "2999-12-31T00:00:00"
POSTED = "a posted move of a real Tryton cannot be changed, not even by its database's own methods"
WITHOUT = {
    "add": "as `post_a_new_move`",
    "add late": "transactions of its own server end with the request",
    "commit": "transactions of its own server end with the request",
    "archive account": "no line reads otherwise; what does is `give_an_account_another_code`",
    "archive value": "no line reads otherwise; what does is `give_a_value_another_code`",
    "recode account": "as `give_an_account_another_code`",
    "rename relation": "no row of a move or a line changes; lines keep the name of their reading",
    "move": "a database that goes to another server keeps its ids and stamps",
    "delete": POSTED,
    "redate": POSTED,
    "state": f"{POSTED}; a draft is posted by `post_a_draft`",
    "replace lines": POSTED,
    "amounts": POSTED,
    "account": POSTED,
    "shares": "as `change_a_value` and `delete_all_values`",
    "split": "as `share_between_values`",
}
assert {*WITHOUT} == {*KINDS}


@dataclass(frozen=True)
class Real:
    """A running Tryton, of which the second company is imported: the edits are hers."""

    tryton: Tryton

    @property
    def settings(self) -> Mapping[str, str]:
        return self.tryton.credentials

    @property
    def administration(self) -> str:
        return str(self.tryton.companies["South"])

    def apply(self, edits: Sequence[Edit]) -> None:
        for edit in edits:
            if edit.kind == post_a_draft.__name__ and not self.tryton.sql(DRAFTS, self.administration):
                continue
            with suppress(StopIteration):  # there is no line any more that nothing was done to
                EDITS[edit.kind](self.tryton)

    def settle(self) -> None:
        """Whatever was begun is committed: each edit is a request of its own."""

    def pass_time(self, how: int) -> None:
        """The time of a real server passes by itself."""

    def requests(self) -> int:
        return len(self.tryton.requests())

    def rows(self) -> Rows:
        company = self.tryton.companies["South"]
        ((lines,),) = self.tryton.sql(LINES, company)
        ((accounts,),) = self.tryton.sql("select count(*) from account_account where company = ?", company)
        ((values,),) = self.tryton.sql(
            "select count(*) from analytic_account_account where company = ?", company
        )
        return Rows(lines, accounts, (values,))


@contextmanager
def started(folder: Path) -> Iterator[Real]:
    with running(folder) as tryton:
        yield Real(tryton)


def value_of(row: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Fields of what a row refers to stand in an object that is named with a dot; it may be of several."""
    first, dot, rest = name.partition(".")
    if not dot:
        return row.get(first)
    found = row.get(f"{first}.")
    if isinstance(found, Mapping):
        return value_of(found, rest)
    return next((value for each in found or () if (value := value_of(each, rest))), None)


def far_future(cursor: Cursor) -> Cursor:
    return {**cursor, "newest": FAR}


CONFORMANCE = Conformance(
    running=started,
    edits=sorted(EDITS),
    without=WITHOUT,
    page=("monitr_pipelines.providers.tryton.datasets.PAGE",),
    far_future=far_future,
    forgotten=True,
    clocks=("found_at",),
    where="account.move.line",
    value_of=value_of,
    bare={
        "line_number": "a line has an id alone",
        "opening": "what a closed year leaves is a move like any other",
        "version": "each line comes once",
    },
    requests=Requests(
        # Signing in, the companies of the user, and signing out.
        sign_in={"": 3},
        # Accounts, values, the newest stamps of lines and moves, and the lines. Increments are counted by
        # `test_tryton_live`: whether the books are settled is a matter of an hour of the server's clock.
        full=lambda rows, page: (
            sum(count // page + 1 for count in (rows.accounts, *rows.values)) + 2 + rows.lines // page + 1
        ),
    ),
)
