"""Toy, over the shared books: whoever has the key may read companies, accounts, lines and balances."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from monitr_pipelines.emulators.frame.contract import Kind, Shown
from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import State, money

KEY = "toy-key"
PAGE = 1000


@dataclass(frozen=True)
class Toy:
    """Answers with an object that holds `rows`."""

    books: SharedBooks

    def settings(self, address: str) -> Mapping[str, str]:
        """Where it is, and the key."""
        return {"url": address, "key": KEY}

    def administrations(self) -> Sequence[Shown]:
        """All companies."""
        return [Shown(str(each.id), each.name) for each in self.books.companies.values()]

    def answer(self, request: Request) -> Answer:
        """The rows of a path."""
        found = {
            "/companies": self._companies,
            "/accounts": self._accounts,
            "/lines": self._lines,
            "/balances": self._balances,
        }.get(request.path)
        if request.bearer != KEY:
            return self.refusal(401)
        if found is None:
            return self.refusal(404)
        with self.books.lock:
            return Answer.json({"rows": list(found(request.query))})

    def subject(self, request: Request) -> str:
        """The path."""
        return request.path

    def refusal(self, status: int) -> Answer:
        """A status and nothing more."""
        return Answer.json({"refused": status}, status)

    def _companies(self, _: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        for each in self.books.companies.values():
            yield {"id": str(each.id), "name": each.name, "currency": each.currency}

    def _accounts(self, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        for each in self.books.accounts.values():
            if each.company == int(query["company"]):
                yield {"code": each.code, "name": each.name, "type": each.type.value}

    def _lines(self, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        company, placed = int(query["company"]), self.books.lines(int(query["after"]))
        own = (each for each in placed if each.entry.company == company and each.entry.state is State.POSTED)
        for entry, line in islice((each for each in own if each.line.account is not None), PAGE):
            yield {
                "id": line.id,
                "entry": entry.id,
                "day": entry.day.isoformat(),
                "account": self.books.accounts[line.account or 0].code,
                "amount": money(line.amount),
            }

    def _balances(self, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        found = self.books.trial_balance(int(query["company"]), date.fromisoformat(query["day"]))
        for code, balance in found.items():
            yield {"account": code, "balance": balance}


KIND = Kind("toy", lambda books, _: Toy(books))
