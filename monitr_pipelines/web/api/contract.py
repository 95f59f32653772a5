"""What a program is answered that reads reports, as the OpenAPI document has it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from monitr_pipelines.ledger.money import plain
from monitr_pipelines.ledger.periods import Month
from monitr_pipelines.reports.asking import Asked
from monitr_pipelines.reports.columns import By
from monitr_pipelines.reports.columns import Column as PeriodColumn
from monitr_pipelines.reports.drill import Movements
from monitr_pipelines.reports.standing import Standing
from monitr_pipelines.reports.statement import Cell, Statement
from monitr_pipelines.reports.trial_balance import RESULT_CARRIED_FORWARD, Balance, TrialBalance
from monitr_pipelines.reports.words import CARRIED_FORWARD, Language

Amount = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]+\.[0-9]{2,4}$",
        description="Exact, in the entity's currency: two decimals, or up to four where the books have them.",
        examples=["-1234.50"],
    ),
]
Unknown = Annotated[Amount | None, Field(description="null: the books do not reach back so far.")]


class Months(BaseModel):
    """The months from one to another, both included."""

    start: str = Field(serialization_alias="from", examples=["2026-01"])
    end: str = Field(serialization_alias="to", examples=["2026-03"])

    @classmethod
    def of(cls, first: Month, last: Month) -> "Months":
        """The months of a span."""
        return cls(start=str(first), end=str(last))


class Entity(BaseModel):
    """Whose figures they are."""

    key: str
    name: str
    currency: str = Field(description="ISO 4217.", examples=["EUR"])

    @classmethod
    def of(cls, standing: Standing) -> "Entity":
        """An entity as its reports name it."""
        return cls(key=standing.key, name=standing.name, currency=standing.currency)


class ListedEntity(Entity):
    """An entity, and the months of its books; null: no import has published figures yet."""

    books: Months | None


class Entities(BaseModel):
    """A page of the entities of the organisation, by name."""

    entities: Sequence[ListedEntity]
    next: str | None = Field(description="The address of the next page; null on the last one.")


class Figures(BaseModel):
    """Where figures come from."""

    import_id: int | None = Field(serialization_alias="import", description="The import that published them.")
    published_at: datetime | None
    structure: str = Field(description="The reporting structure whose lines they stand on.")
    newer_lines: bool = Field(description="Ledger lines came in since; they are in no figure yet.")
    books: Months

    @classmethod
    def of(cls, asked: Asked) -> "Figures":
        """The figures that were asked for."""
        found = asked.published
        return cls(
            import_id=found.import_id,
            published_at=found.at,
            structure=found.structure,
            newer_lines=found.newer,
            books=Months.of(found.first, found.last),
        )


class Report(BaseModel):
    """What stands above every report."""

    entity: Entity
    figures: Figures
    period: Months = Field(description="What was asked for, as far as the books have it.")
    clipped: bool = Field(description="Months were asked for that the books do not have.")


def head_of(asked: Asked) -> Mapping[str, Any]:
    """The values of a `Report`."""
    return {
        "entity": Entity.of(asked.standing),
        "figures": Figures.of(asked),
        "period": Months.of(asked.span.first, asked.span.last),
        "clipped": asked.is_clipped,
    }


class ColumnValue(BaseModel):
    """A value of an analytical axis, such as a cost centre."""

    axis: str
    code: str | None = Field(description="Empty: what has none of that axis. null: all values that follow.")
    name: str


class Column(Months):
    """A period of a statement, and the same period a year before; of one value of an axis if one is told."""

    before: Months
    value: ColumnValue | None = Field(default=None, description="null: of everything.")


class Figure(BaseModel):
    """An amount, and that of the same period a year before."""

    amount: Amount
    year_before: Unknown

    @classmethod
    def of(cls, cell: Cell) -> "Figure":
        """The figure of a cell."""
        return cls(amount=plain(cell.amount), year_before=None if cell.before is None else plain(cell.before))


class Line(BaseModel):
    """A line of a statement; `figures` are in the order of the columns."""

    line: str
    parent: str | None = Field(description="The line that it is part of; null at the top.")
    level: int = Field(description="How deep it stands: 0 at the top.")
    role: str | None = Field(description="What it is in every structure, such as net_result.")
    name: str
    figures: Sequence[Figure]
    total: Figure | None = Field(description="The whole period, where columns can be added up.")


class StatementAnswer(Report):
    """A statement: its lines in the order of the structure, without those of no figures."""

    by: By | None = Field(description="What a column is; null: the whole period of a value of an axis.")
    columns: Sequence[Column]
    lines: Sequence[Line]

    @classmethod
    def of(cls, asked: Asked, found: Statement, language: Language) -> "StatementAnswer":
        """A statement that was read."""
        lines = [
            Line(
                line=row.line,
                parent=row.parent,
                level=row.level,
                role=row.role,
                name=row.names[language],
                figures=[Figure.of(cell) for cell in row.cells],
                total=None if row.total is None else Figure.of(row.total),
            )
            for row in found.rows
        ]
        by = None if any(column.value for column in found.columns) else found.by
        return cls(**head_of(asked), by=by, columns=[_column(each) for each in found.columns], lines=lines)


def _column(column: PeriodColumn) -> Column:
    beside = Months.of(column.before.first, column.before.last)
    told = column.value
    value = None if told is None else ColumnValue(axis=told.axis, code=told.value, name=told.name)
    return Column(start=str(column.span.first), end=str(column.span.last), before=beside, value=value)


class Sums(BaseModel):
    """Amounts of a trial balance, debit positive; closing = opening + debit - credit."""

    opening: Amount
    debit: Amount
    credit: Amount
    closing: Amount
    after_closing: Amount = Field(description="With what closes the fiscal year that ends with the period.")


class AccountBalance(Sums):
    """An account of a trial balance; `(result)`: results of earlier years that no entry carried over."""

    account: str
    name: str

    @classmethod
    def of(cls, balance: Balance, language: Language) -> "AccountBalance":
        """A balance that was read."""
        is_carried = balance.account == RESULT_CARRIED_FORWARD
        name = CARRIED_FORWARD[language] if is_carried else balance.name
        return cls(account=balance.account, name=name, **_sums(balance))


class TrialBalanceAnswer(Report):
    """A trial balance: the accounts with anything but zero, by their codes."""

    accounts: Sequence[AccountBalance]
    totals: Sums

    @classmethod
    def of(cls, asked: Asked, found: TrialBalance, language: Language) -> "TrialBalanceAnswer":
        """A trial balance that was read."""
        accounts = [AccountBalance.of(each, language) for each in found.balances]
        return cls(**head_of(asked), accounts=accounts, totals=Sums(**_sums(found.totals)))


def _sums(balance: Balance) -> dict[str, str]:
    return {name: plain(getattr(balance, name)) for name in Sums.model_fields}


class Account(BaseModel):
    """An account over the period, debit positive: `lines` moved it by `debit` and by `credit`."""

    account: str
    name: str
    opening: Amount
    debit: Amount
    credit: Amount
    closing: Amount
    lines: int

    @classmethod
    def of(cls, account: str, found: Movements) -> "Account":
        """Movements that were read."""
        sums = {name: plain(getattr(found, name)) for name in ("opening", "debit", "credit", "closing")}
        return cls(account=account, name=found.name, lines=found.lines, **sums)


class Transaction(BaseModel):
    """A ledger line, debit positive."""

    id: str = Field(description="The line's key in the books.")
    date: date
    amount: Amount
    booking: str | None = Field(description="What the lines of one journal entry share.")
    line_number: str | None
    journal: str | None
    document_number: str | None
    relation: str | None
    description: str | None
    foreign_amount: Amount | None
    foreign_currency: str | None
    axes: Mapping[str, str] | None = Field(description="Values of analytical axes.")
    role: str | None = Field(description="What makes it no movement: it opens or closes a year.")
    reported: bool = Field(description="false: it is newer than the figures, and in none of them.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Transaction":
        """A line that was read, of the columns of `mapped.transactions`."""
        foreign: Decimal | None = row["foreign_amount"]
        as_stored = {name: row[name] for name in cls.model_fields if name in row}
        return cls(
            **as_stored
            | {
                "id": row["external_id"],
                "date": row["booking_date"],
                "amount": plain(row["amount"]),
                "foreign_amount": None if foreign is None else plain(foreign),
                "axes": row["axis_values"],
            }
        )


class TransactionsAnswer(Report):
    """A page of the ledger lines of an account, by day."""

    account: Account
    transactions: Sequence[Transaction]
    next: str | None = Field(description="The address of the next page; null on the last one.")
