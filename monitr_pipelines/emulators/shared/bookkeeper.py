"""Who changes the shared books: each call is one transaction, with a version and a time of its own."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import (
    Account,
    Company,
    Entry,
    Gone,
    Line,
    NewEntry,
    NewLine,
    Relation,
    Share,
    Stamp,
    State,
    Value,
)
from monitr_pipelines.ledger.records import AccountType

NUMBERED = re.compile(r"(.*\D)(\d+)")


class Refused(ValueError):
    """The books do not allow it: an entry that does not balance, an account that is used."""


@dataclass(frozen=True)
class Bookkeeper:
    """Writes into books. What a certain software forbids, its emulator has to forbid itself."""

    books: SharedBooks

    def add(self, new: NewEntry, *, commit: bool = True) -> Entry:
        """Book an entry.

        Args:
            new: What to book; a posted entry must balance.
            commit: False leaves its transaction open: it has ids and stamps, and nobody sees it before
                `commit`, however many others were committed meanwhile.
        """
        with self.books.lock:
            _balanced(new.state, new.lines)
            stamp = self.books.stamp()
            self.books.last_entry += 1
            number = self.next_number(new.company, new.journal, new.day) if new.number is None else new.number
            entry = Entry(
                id=self.books.last_entry,
                company=new.company,
                journal=new.journal,
                day=new.day,
                number=number,
                lines=self._lines(self.books.last_entry, new.lines, stamp),
                created=stamp,
                stamp=stamp,
                state=new.state,
                reference=new.reference,
                committed=commit,
            )
            return self._keep(entry)

    def commit(self, entry: int) -> Entry:
        """End the transaction that added an entry: it becomes visible, with the stamps that it has."""
        with self.books.lock:
            return self._keep(replace(self.books.entries[entry], committed=True))

    def set_state(self, entry: int, state: State) -> Entry:
        """Post, reset to draft or cancel an entry; all its lines change. One without a number gets it now."""
        with self.books.lock:
            before = self.books.entry(entry)
            _balanced(state, before.lines)
            if state is State.POSTED and not before.number:
                number = self.next_number(before.company, before.journal, before.day)
                before = replace(before, number=number)
            return self._restamped(replace(before, state=state))

    def redate(self, entry: int, day: date) -> Entry:
        """Move an entry to another day; all its lines change."""
        with self.books.lock:
            return self._restamped(replace(self.books.entry(entry), day=day))

    def renumber(self, entry: int, number: str) -> Entry:
        """Call an entry by another number; all its lines change."""
        with self.books.lock:
            return self._restamped(replace(self.books.entry(entry), number=number))

    def replace_lines(self, entry: int, lines: Sequence[NewLine]) -> Entry:
        """Give an entry other lines: they have new ids, and those of before are gone."""
        with self.books.lock:
            before = self.books.entry(entry)
            _balanced(before.state, lines)
            stamp = self.books.stamp()
            for line in before.lines:
                self._gone("line", line.id, before.company, entry, stamp)
                self.books.forget_line(line.id)
            return self._keep(replace(before, lines=self._lines(entry, lines, stamp), stamp=stamp))

    def change_line(
        self,
        line: int,
        *,
        account: int | None = None,
        text: str | None = None,
        shares: tuple[Share, ...] | None = None,
        whole_entry: bool = False,
    ) -> Line:
        """Change what a line is about, not its amount; it keeps its id.

        Args:
            line: Its id.
            account: Another account.
            text: Another description.
            shares: Other axis values.
            whole_entry: Whether the entry and its other lines count as changed too.
        """
        with self.books.lock:
            entry, before = self.books.line(line)
            stamp = self.books.stamp()
            after = before._replace(
                account=before.account if account is None else account,
                text=before.text if text is None else text,
                shares=before.shares if shares is None else shares,
                stamp=stamp,
            )
            lines = tuple(
                after if each.id == line else each._replace(stamp=stamp) if whole_entry else each
                for each in entry.lines
            )
            self._keep(replace(entry, lines=lines, stamp=stamp if whole_entry else entry.stamp))
            return after

    def change_amounts(self, entry: int, amounts: Sequence[int]) -> Entry:
        """Give the lines of an entry other amounts, in cents and in their order; they keep their ids."""
        with self.books.lock:
            before = self.books.entry(entry)
            lines = tuple(
                line._replace(amount=amount, foreign=None, currency=None)
                for line, amount in zip(before.lines, amounts, strict=True)
            )
            _balanced(before.state, lines)
            if any(line.account is None and line.amount for line in lines):
                raise Refused("a remark has no amount")
            return self._restamped(replace(before, lines=lines))

    def delete(self, entry: int) -> None:
        """Delete an entry with its lines; a later one may get its number."""
        with self.books.lock:
            before = self.books.entry(entry)
            stamp = self.books.stamp()
            for line in before.lines:
                self._gone("line", line.id, before.company, entry, stamp)
                self.books.forget_line(line.id)
            self._gone("entry", entry, before.company, None, stamp)
            del self.books.entries[entry]

    def add_account(self, company: int, code: str, name: str, kind: AccountType) -> Account:
        """Open an account."""
        with self.books.lock:
            account = max(self.books.accounts, default=0) + 1
            return self._keep_account(Account(account, company, code, name, kind, self.books.stamp()))

    def change_account(
        self, account: int, *, code: str | None = None, name: str | None = None, archived: bool | None = None
    ) -> Account:
        """Rename, renumber, archive or bring back an account; lines on it do not change."""
        with self.books.lock:
            before = self.books.accounts[account]
            after = replace(
                before,
                code=before.code if code is None else code,
                name=before.name if name is None else name,
                archived=before.archived if archived is None else archived,
                stamp=self.books.stamp(),
            )
            return self._keep_account(after)

    def delete_account(self, account: int) -> None:
        """Delete an account that no line is on.

        Raises:
            Refused: A line is on it.
        """
        with self.books.lock:
            if any(line.account == account for entry in self.books.entries.values() for line in entry.lines):
                raise Refused(f"account {account} is used")
            self._gone("account", account, self.books.accounts[account].company, None, self.books.stamp())
            del self.books.accounts[account]

    def add_value(self, axis: int, code: str, name: str, company: int | None = None) -> Value:
        """Open a value of an axis."""
        with self.books.lock:
            value = Value(
                max(self.books.values, default=0) + 1, axis, code, name, company, self.books.stamp()
            )
            self.books.values[value.id] = value
            self.books.revision += 1
            return value

    def change_value(self, value: int, *, name: str | None = None, archived: bool | None = None) -> Value:
        """Rename, archive or bring back a value of an axis."""
        with self.books.lock:
            before = self.books.values[value]
            after = replace(
                before,
                name=before.name if name is None else name,
                archived=before.archived if archived is None else archived,
                stamp=self.books.stamp(),
            )
            self.books.values[value] = after
            self.books.revision += 1
            return after

    def rename_relation(self, relation: int, name: str) -> Relation:
        """Call a customer or supplier otherwise; lines do not change."""
        with self.books.lock:
            after = replace(self.books.relations[relation], name=name, stamp=self.books.stamp())
            self.books.relations[relation] = after
            self.books.revision += 1
            return after

    def change_company(
        self, company: int, *, name: str | None = None, reachable: bool | None = None
    ) -> Company:
        """Rename a company, take it from the credentials of the emulator, or give it back."""
        with self.books.lock:
            before = self.books.companies[company]
            after = replace(
                before,
                name=before.name if name is None else name,
                reachable=before.reachable if reachable is None else reachable,
                stamp=self.books.stamp(),
            )
            return self._keep_company(after)

    def lock_through(self, company: int, day: date | None) -> Company:
        """Close a company's books up to a day, or open them all."""
        with self.books.lock:
            before = self.books.companies[company]
            return self._keep_company(replace(before, locked_through=day, stamp=self.books.stamp()))

    def move(self, company: int) -> None:
        """Move a company to other machines: its rows have new versions, in the order of the old ones."""
        with self.books.lock:
            stamp = self.books.stamp()
            self._keep_company(replace(self.books.companies[company], stamp=stamp, moved=stamp))
            for entry in sorted(self.books.company_entries(company), key=lambda each: each.stamp):
                self._restamped(entry)

    def next_number(self, company: int, journal: int, day: date) -> str:
        """The number after the highest of a journal's month: one that was deleted may come back."""
        series = f"{self.books.journals[journal].code}/{day:%Y/%m}/"
        taken = (
            int(found[2])
            for entry in self.books.entries.values()
            if entry.company == company and entry.journal == journal
            if (found := NUMBERED.fullmatch(entry.number)) and found[1] == series
        )
        return f"{series}{max(taken, default=0) + 1:04d}"

    def _lines(self, entry: int, lines: Sequence[NewLine], stamp: Stamp) -> tuple[Line, ...]:
        ids = self.books.new_line_ids(entry, len(lines))
        return tuple(
            Line(
                id=line_id,
                account=new.account,
                amount=new.amount,
                stamp=stamp,
                text=new.text,
                relation=new.relation,
                shares=new.shares,
                foreign=new.foreign,
                currency=new.currency,
            )
            for line_id, new in zip(ids, lines, strict=True)
        )

    def _restamped(self, entry: Entry) -> Entry:
        stamp = self.books.stamp()
        lines = tuple(line._replace(stamp=stamp) for line in entry.lines)
        return self._keep(replace(entry, lines=lines, stamp=stamp))

    def _keep(self, entry: Entry) -> Entry:
        self.books.entries[entry.id] = entry
        self.books.revision += 1
        return entry

    def _keep_account(self, account: Account) -> Account:
        self.books.accounts[account.id] = account
        self.books.revision += 1
        return account

    def _keep_company(self, company: Company) -> Company:
        self.books.companies[company.id] = company
        self.books.revision += 1
        return company

    def _gone(self, kind: str, row: int, company: int | None, parent: int | None, stamp: Stamp) -> None:
        self.books.gone.append(Gone(kind, row, company, parent, stamp))
        self.books.revision += 1


def _balanced(state: State, lines: Iterable[Line | NewLine]) -> None:
    if state is State.POSTED and sum(line.amount for line in lines) != 0:
        raise Refused("a posted entry must balance")
