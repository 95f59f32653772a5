"""`account.move` and `account.move.line` over the entries of the shared books."""

from collections.abc import Iterator

from monitr_pipelines.emulators.odoo import analytics, masters
from monitr_pipelines.emulators.odoo.errors import UserError
from monitr_pipelines.emulators.odoo.models import Env, Field, Model, Row
from monitr_pipelines.emulators.odoo.wire import FLOAT, Raw
from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper
from monitr_pipelines.emulators.shared.books import NoSuchRow, Placed
from monitr_pipelines.emulators.shared.records import Entry, Line, Share, State

STATES = {State.DRAFT: "draft", State.POSTED: "posted", State.CANCELLED: "cancel"}
STATE_LABELS = (("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled"))
DISPLAY_TYPES = (
    ("product", "Product"),
    ("tax", "Tax"),
    ("payment_term", "Payment Term"),
    ("line_section", "Section"),
    ("line_note", "Note"),
)


def models(version: int) -> list[Model]:
    """The two models."""
    return [_move(version), _move_line()]


def move_name(env: Env, entry: Entry) -> str | None:
    """The number; a draft without one has `/` before 19 and none from then on."""
    return entry.number or (None if env.version >= 19 else "/")


def move_display(env: Env, entry: Entry) -> str:
    """The number with the reference; a draft says that it is one."""
    name = move_name(env, entry)
    if entry.state is State.DRAFT and name in (None, "/"):
        name = f"Draft Entry (* {entry.id})"
    return f"{name} ({entry.reference})" if entry.reference else str(name)


def _move(version: int) -> Model:
    fields = {
        "id": Field("integer", lambda _, entry: entry.id, "ID"),
        "name": Field("char", move_name, "Number"),
        "ref": Field("char", lambda _, entry: entry.reference or None, "Reference"),
        "date": Field("date", lambda _, entry: entry.day, "Date"),
        "state": Field("selection", lambda _, entry: STATES[entry.state], "Status", selection=STATE_LABELS),
        "move_type": Field("selection", lambda *_: "entry", "Type", selection=(("entry", "Journal Entry"),)),
        "journal_id": Field("many2one", lambda _, entry: entry.journal, "Journal", "account.journal"),
        "company_id": Field("many2one", lambda _, entry: entry.company, "Company", "res.company"),
        "currency_id": Field("many2one", lambda *_: masters.EURO, "Currency", "res.currency"),
        "partner_id": Field(
            "many2one",
            lambda _, entry: _partner(entry.lines[0]) if entry.lines else None,
            "Partner",
            "res.partner",
        ),
        "line_ids": Field("one2many", _line_ids, "Journal Items", "account.move.line", stored=False),
        "amount_total": Field("monetary", lambda _, entry: _total(entry), "Total"),
        "amount_total_signed": Field("monetary", lambda _, entry: _total(entry), "Total Signed"),
        "payment_state": Field(
            "selection", lambda *_: "not_paid", "Payment Status", selection=(("not_paid", "Not Paid"),)
        ),
        "reversed_entry_id": Field("many2one", lambda *_: None, "Reversal of", "account.move"),
        "reversal_move_ids" if version >= 17 else "reversal_move_id": Field(
            "one2many", lambda *_: (), "Reversal Move", "account.move"
        ),
        "display_name": Field("char", move_display, "Display Name", stored=False),
        "create_date": Field("datetime", lambda _, entry: entry.created.time, "Created on"),
        "write_date": Field("datetime", lambda _, entry: entry.stamp.time, "Last Updated on"),
    }
    return Model(
        name="account.move",
        title="Journal Entry",
        fields=fields,
        order="date desc, name desc, id desc",
        rows=_entries,
        row=_entry,
        visible=lambda env, entry: entry.company in env.companies,
        display=move_display,
        writable={"ref": _refuse, "date": _write_date, "name": _write_name},
        methods={"button_draft": button_draft, "action_post": action_post, "unlink": unlink},
    )


def _move_line() -> Model:
    fields = {
        "id": Field("integer", lambda _, row: row.line.id, "ID"),
        "move_id": Field("many2one", lambda _, row: row.entry.id, "Journal Entry", "account.move"),
        "move_name": Field("char", lambda env, row: move_name(env, row.entry), "Number"),
        "name": Field("char", lambda _, row: row.line.text or None, "Label"),
        "ref": Field("char", lambda _, row: row.entry.reference or None, "Reference"),
        "date": Field("date", lambda _, row: row.entry.day, "Date"),
        "sequence": Field("integer", lambda *_: 10, "Sequence"),
        "parent_state": Field(
            "selection", lambda _, row: STATES[row.entry.state], "Status", selection=STATE_LABELS
        ),
        "display_type": Field(
            "selection",
            lambda _, row: "line_note" if row.line.account is None else "product",
            "Display Type",
            selection=DISPLAY_TYPES,
        ),
        "journal_id": Field("many2one", lambda _, row: row.entry.journal, "Journal", "account.journal"),
        "company_id": Field("many2one", lambda _, row: row.entry.company, "Company", "res.company"),
        "company_currency_id": Field("many2one", lambda *_: masters.EURO, "Company Currency", "res.currency"),
        "account_id": Field("many2one", _account, "Account", "account.account"),
        "partner_id": Field("many2one", lambda _, row: _partner(row.line), "Partner", "res.partner"),
        "debit": Field("monetary", lambda _, row: max(row.line.amount, 0), "Debit"),
        "credit": Field("monetary", lambda _, row: max(-row.line.amount, 0), "Credit"),
        "balance": Field("monetary", lambda _, row: row.line.amount, "Balance"),
        "amount_currency": Field("monetary", _amount_currency, "Amount in Currency"),
        "currency_id": Field("many2one", _currency, "Currency", "res.currency"),
        "quantity": Field(FLOAT, lambda _, row: 0 if row.line.account is None else 100, "Quantity"),
        "tax_line_id": Field("many2one", lambda *_: None, "Originator Tax", "account.tax"),
        "matching_number": Field("char", lambda *_: None, "Matching #"),
        "reconciled": Field("boolean", lambda *_: False, "Reconciled"),
        "analytic_distribution": Field("json", analytics.distribution, "Analytic Distribution"),
        "analytic_line_ids": Field(
            "one2many", analytics.lines_of, "Analytic lines", "account.analytic.line", stored=False
        ),
        "display_name": Field("char", line_display, "Display Name", stored=False),
        "create_date": Field("datetime", lambda _, row: row.entry.created.time, "Created on"),
        "write_date": Field("datetime", lambda _, row: row.line.stamp.time, "Last Updated on"),
    }
    return Model(
        name="account.move.line",
        title="Journal Item",
        fields=fields,
        order="date desc, move_name desc, id",
        rows=lambda env, after: env.books.lines(after),
        row=_placed,
        visible=lambda env, row: row.entry.company in env.companies and not env.state.hidden(row),
        display=line_display,
        writable={
            "name": _write_label,
            "analytic_distribution": _write_distribution,
            "account_id": _write_account,
        },
    )


def line_display(env: Env, row: Placed) -> str:
    """The entry with the label."""
    return f"{move_display(env, row.entry)} {row.line.text}".rstrip()


def button_draft(env: Env, moves: list[Entry]) -> None:
    """Reset to draft; answers nothing, so that XML-RPC ends in a fault although it is done."""
    for move in moves:
        if move.state is State.DRAFT:
            raise UserError("Only posted/cancelled journal entries can be reset to draft.")
        _refuse_locked(env, move)
        Bookkeeper(env.books).set_state(move.id, State.DRAFT)


def action_post(env: Env, moves: list[Entry]) -> bool:
    """Post; an entry of a locked period is dated after it."""
    keeper = Bookkeeper(env.books)
    for move in moves:
        if move.state is not State.DRAFT:
            raise UserError(f"The entry {move.number} (id {move.id}) must be in draft.")
        locked = env.books.companies[move.company].locked_through
        if locked and move.day <= locked:
            keeper.redate(move.id, masters.month_after(locked))
        keeper.set_state(move.id, State.POSTED)
    return False


def unlink(env: Env, moves: list[Entry]) -> bool:
    """Delete drafts and cancelled entries, once posted or not."""
    for move in moves:
        if move.state is State.POSTED:
            raise UserError("You cannot delete an entry which has been posted.")
        Bookkeeper(env.books).delete(move.id)
    return True


def _entries(env: Env, after: int) -> Iterator[Entry]:
    return (each for each in env.books.entries.values() if each.id > after and each.committed)


def _entry(env: Env, entry: int) -> Entry | None:
    try:
        return env.books.entry(entry)
    except NoSuchRow:
        return None


def _placed(env: Env, line: int) -> Placed | None:
    try:
        return env.books.line(line)
    except NoSuchRow:
        return None


def _line_ids(env: Env, entry: Entry) -> tuple[int, ...]:
    return tuple(line.id for line in entry.lines if not env.state.hidden(Placed(entry, line)))


def _total(entry: Entry) -> int:
    return sum(line.amount for line in entry.lines if line.amount > 0)


def _partner(line: Line) -> int | None:
    return None if line.relation is None else masters.partner_of(line.relation)


def _account(env: Env, row: Placed) -> int | None:
    return None if row.line.account is None else masters.record_of(env.state, row.line.account)


def _currency(_: Env, row: Placed) -> int:
    return masters.EURO if row.line.currency is None else masters.CURRENCIES[row.line.currency]


def _amount_currency(_: Env, row: Placed) -> int:
    return int(row.line.amount if row.line.foreign is None else row.line.foreign)


def _refuse_locked(env: Env, move: Entry) -> None:
    locked = env.books.companies[move.company].locked_through
    if locked and move.day <= locked:
        raise UserError(
            f"You cannot add/modify entries prior to and inclusive of: Global Lock Date ({locked:%m/%d/%Y})."
        )


def _refuse(*_: Row) -> None:
    raise UserError("You cannot modify the following fields: ref.")


def _write_date(env: Env, move: Entry, value: Raw) -> None:
    if move.state is State.POSTED:
        raise UserError("You cannot edit the following fields: Date.")
    Bookkeeper(env.books).redate(move.id, masters.day(value))


def _write_name(env: Env, move: Entry, value: Raw) -> None:
    Bookkeeper(env.books).renumber(move.id, value or "")


def _write_label(env: Env, row: Placed, value: Raw) -> None:
    Bookkeeper(env.books).change_line(row.line.id, text=value or "")


def _write_account(env: Env, row: Placed, value: Raw) -> None:
    _refuse_locked(env, row.entry)
    account = masters.account_in(env.state, value, row.entry.company)
    if account is None or account.archived:
        raise UserError("You cannot use a deprecated account.")
    Bookkeeper(env.books).change_line(row.line.id, account=account.id, whole_entry=True)


def _write_distribution(env: Env, row: Placed, value: Raw) -> None:
    shares = tuple(
        Share(tuple(int(each) for each in key.split(",")), int(percent * 100))
        for key, percent in (value or {}).items()
    )
    Bookkeeper(env.books).change_line(row.line.id, shares=shares)
