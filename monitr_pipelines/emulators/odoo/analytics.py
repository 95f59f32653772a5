"""Analytic plans, accounts and lines, and the distribution of a journal item over them.

A plan is an axis. The axis `project` is the plan whose accounts stand in the column `account_id`; each other
plan has a column of its own. Department 400 is of a plan below that of the departments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitr_pipelines.emulators.odoo.masters import record_of, table
from monitr_pipelines.emulators.odoo.models import Env, Field, Model, State
from monitr_pipelines.emulators.odoo.wire import Raw
from monitr_pipelines.emulators.shared.books import Placed
from monitr_pipelines.emulators.shared.records import WHOLE, Share, Stamp, Value
from monitr_pipelines.emulators.shared.records import State as EntryState

PROJECT = "project"
SUB_PLAN, SUB_PLAN_CODE, SUB_PLAN_NAME = 100, "400", "Support"


@dataclass(frozen=True)
class Plan:
    """An analytic plan; `parent` is the plan that it is rolled up to."""

    id: int
    name: str
    parent: int | None = None

    @property
    def root(self) -> int:
        """The plan at the top."""
        return self.parent or self.id


@dataclass(frozen=True)
class AnalyticLine:
    """One row of `account.analytic.line`: its amount in cents has the opposite sign of the ledger's."""

    id: int
    placed: Placed
    share: Share
    cents: int


@dataclass
class Numbering:
    """Which ids analytic lines have: a posting gives new ones."""

    revision: int = -1
    last: int = 9000
    ids: dict[tuple[int, Stamp, int], int] = field(default_factory=dict)
    lines: dict[int, AnalyticLine] = field(default_factory=dict)
    of_line: dict[int, list[int]] = field(default_factory=dict)


def column(state: State, axis: int) -> str:
    """The column of a plan in analytic lines."""
    return "account_id" if state.books.axes[axis].code == PROJECT else f"x_plan{axis}_id"


def shares_of(version: int, line_shares: tuple[Share, ...]) -> dict[str, int]:
    """A distribution: hundredths of per cents by key; 16 knows no keys of several accounts."""
    found: dict[str, int] = {}
    for share in line_shares:
        keys = [",".join(map(str, share.values))] if version >= 17 else [str(each) for each in share.values]
        for key in keys:
            found[key] = found.get(key, 0) + share.percent
    return found


def distribution(env: Env, row: Placed) -> dict[str, int] | None:
    """The distribution of a journal item."""
    return shares_of(env.version, row.line.shares) or None


def lines_of(env: Env, row: Placed) -> tuple[int, ...]:
    """The analytic lines of a journal item, newest first."""
    return tuple(reversed(_numbered(env).of_line.get(row.line.id, [])))


def models(state: State) -> list[Model]:
    """The three models."""
    return [_plan(), _account(), _line(state)]


def _plans(env: Env) -> dict[int, Plan]:
    plans = {axis.id: Plan(axis.id, axis.name) for axis in env.books.axes.values()}
    for axis in env.books.axes.values():
        if any(value.axis == axis.id and value.code == SUB_PLAN_CODE for value in env.books.values.values()):
            plans[SUB_PLAN + axis.id] = Plan(SUB_PLAN + axis.id, SUB_PLAN_NAME, axis.id)
    return plans


def _plan_of(value: Value) -> int:
    return SUB_PLAN + value.axis if value.code == SUB_PLAN_CODE else value.axis


def _plan() -> Model:
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.name, "Name"),
        "display_name": Field("char", _complete_name, "Display Name", stored=False),
        "complete_name": Field("char", _complete_name, "Complete Name"),
        "parent_id": Field("many2one", lambda _, row: row.parent, "Parent", "account.analytic.plan"),
        "root_id": Field("many2one", lambda _, row: row.root, "Root", "account.analytic.plan", stored=False),
        "default_applicability": Field("selection", lambda *_: "optional", "Default Applicability"),
        "sequence": Field("integer", lambda *_: 10, "Sequence"),
    }
    return Model(
        name="account.analytic.plan",
        title="Analytic Plans",
        fields=fields,
        order="complete_name, id",
        **table(_plans),
        visible=lambda *_: True,
        display=_complete_name,
        readers=("accountant",),
    )


def _complete_name(env: Env, row: Plan) -> str:
    return f"{_plans(env)[row.parent].name} / {row.name}" if row.parent else row.name


def _account() -> Model:
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.name, "Analytic Account"),
        "display_name": Field("char", _account_display, "Display Name", stored=False),
        "code": Field("char", lambda _, row: row.code or None, "Reference"),
        "active": Field("boolean", lambda _, row: not row.archived, "Active"),
        "plan_id": Field("many2one", lambda _, row: _plan_of(row), "Plan", "account.analytic.plan"),
        "root_plan_id": Field("many2one", lambda _, row: row.axis, "Root Plan", "account.analytic.plan"),
        "company_id": Field("many2one", lambda _, row: row.company, "Company", "res.company"),
        "partner_id": Field("many2one", lambda *_: None, "Customer", "res.partner"),
        "write_date": Field("datetime", lambda _, row: row.stamp.time, "Last Updated on"),
    }
    return Model(
        name="account.analytic.account",
        title="Analytic Account",
        fields=fields,
        order="plan_id, name, id",
        **table(lambda env: env.books.values),
        visible=lambda env, row: row.company is None or row.company in env.companies,
        display=_account_display,
    )


def _account_display(_: Env, row: Value) -> str:
    return f"[{row.code}] {row.name}" if row.code else row.name


def _line(state: State) -> Model:
    fields = {
        "id": Field("integer", lambda _, row: row.id, "ID"),
        "name": Field("char", lambda _, row: row.placed.line.text or None, "Description"),
        "date": Field("date", lambda _, row: row.placed.entry.day, "Date"),
        "amount": Field("monetary", lambda _, row: row.cents, "Amount"),
        "company_id": Field("many2one", lambda _, row: row.placed.entry.company, "Company", "res.company"),
        "general_account_id": Field(
            "many2one",
            lambda env, row: record_of(env.state, row.placed.line.account),
            "Financial Account",
            "account.account",
        ),
        "move_line_id": Field(
            "many2one", lambda _, row: row.placed.line.id, "Journal Item", "account.move.line"
        ),
        "write_date": Field("datetime", lambda _, row: row.placed.line.stamp.time, "Last Updated on"),
    }
    label = "Project Account" if state.version >= 17 else "Analytic Account"
    fields["account_id"] = Field("many2one", _in_column(None), label, "account.analytic.account")
    if state.version >= 17:
        for axis in state.books.axes.values():
            if axis.code != PROJECT:
                fields[column(state, axis.id)] = Field(
                    "many2one", _in_column(axis.id), axis.name, "account.analytic.account"
                )
    return Model(
        name="account.analytic.line",
        title="Analytic Line",
        fields=fields,
        order="date desc, id desc",
        rows=_rows,
        row=lambda env, number: _numbered(env).lines.get(number),
        visible=lambda env, row: row.placed.entry.company in env.companies,
        display=lambda _, row: row.placed.line.text,
    )


def _in_column(axis: int | None) -> Raw:
    def of_axis(env: Env, row: AnalyticLine) -> int | None:
        values = env.books.values
        if env.version < 17:
            return row.share.values[0]
        for value in row.share.values:
            named = env.books.axes[values[value].axis]
            if named.id == axis or (axis is None and named.code == PROJECT):
                return value
        return None

    return of_axis


def _rows(env: Env, after: int) -> Iterator[AnalyticLine]:
    lines = _numbered(env).lines
    return (lines[number] for number in sorted(lines) if number > after)


def _numbered(env: Env) -> Numbering:
    """The analytic lines of what is posted; made anew when the books changed."""
    numbering: Numbering = env.state.numbering
    if numbering.revision == env.books.revision:
        return numbering
    numbering.lines, numbering.of_line = {}, {}
    kept: dict[tuple[int, Stamp, int], int] = {}
    for placed in env.books.lines():
        if placed.entry.state is not EntryState.POSTED or not placed.line.shares:
            continue
        for index, (share, cents) in enumerate(_amounts(env.version, placed)):
            key = (placed.line.id, placed.line.stamp, index)
            number = numbering.ids.get(key)
            if number is None:
                numbering.last += 1
                number = numbering.last
            kept[key] = number
            numbering.lines[number] = AnalyticLine(number, placed, share, cents)
            numbering.of_line.setdefault(placed.line.id, []).append(number)
    numbering.ids, numbering.revision = kept, env.books.revision
    return numbering


def _amounts(version: int, placed: Placed) -> list[tuple[Share, int]]:
    """Each part in whole cents; the last of what is allocated in full takes what rounding left."""
    keys: Mapping[str, int] = shares_of(version, placed.line.shares)
    parts = [
        (Share(tuple(map(int, key.split(","))), percent), _part(-placed.line.amount, percent))
        for key, percent in keys.items()
    ]
    one_plan = len({len(share.values) for share, _ in parts}) == 1 and version >= 17
    if one_plan and sum(keys.values()) == WHOLE:
        rest = -placed.line.amount - sum(cents for _, cents in parts)
        parts[-1] = (parts[-1][0], parts[-1][1] + rest)
    return parts


def _part(cents: int, percent: int) -> int:
    """A percentage of cents, half a cent away from zero."""
    part = (abs(cents) * percent + WHOLE // 2) // WHOLE
    return part if cents >= 0 else -part
