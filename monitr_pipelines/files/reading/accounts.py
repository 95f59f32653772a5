"""The accounts that the lines of a file name."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import repeat
from operator import eq
from typing import NoReturn

from monitr_pipelines.files.reading.account_types import account_type
from monitr_pipelines.files.reading.limits import add_account
from monitr_pipelines.files.reading.printed.spoiled import NUMBER_REFUSED, is_day, is_number, whole_number
from monitr_pipelines.files.reading.problems import BadValueError, Question, ask, shown
from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.messages import Answer, Option

MOST_DIGITS = 20


def check_code(code: str, column: str = "account_code") -> None:
    """Refuse what is not the code of an account, with BadValueError."""
    if not code:
        raise BadValueError("account_code_empty", sentence("account_code_empty"), column)
    if is_number(code):
        raise BadValueError(
            NUMBER_REFUSED,
            sentence("account_code_is_number", code=shown(code)),
            column,
        )
    if is_day(code):
        refuse_day(code, column)


def refuse_day(code: str, column: str = "account_code") -> NoReturn:
    """Refuse a day where the code of an account belongs, with BadValueError."""
    raise BadValueError("account_code_is_day", sentence("account_code_is_day", code=shown(code)), column)


def given_code_digits(text: str | None) -> int:
    """How many digits someone wrote that codes have, 0 for as they are, or the question which is meant."""
    if not text:
        return 0
    digits = int(text) if text.isascii() and text.isdigit() and len(text) < len("100") else 0
    if (not digits and text != "0") or digits > MOST_DIGITS:
        ask(Question("code_digits_unknown", {"value": text}, Answer(Option.CODE_DIGITS)))
    return digits


class Accounts:
    """The accounts of a file; codes are checked once, the name of the latest date of each is kept.

    Where codes are to have `code_digits`, the leading zeros that a spreadsheet dropped are put back, and the
    decimals that it added (400.0) are taken off.

    A day is compared only where the name of an account changes: an account that was renamed has its old
    name before some day and its new name from then on, so that any day of either tells which is later.
    """

    def __init__(self, accounts: dict[str, Account], code_digits: int = 0) -> None:
        self.found = accounts
        self._digits = code_digits
        self._named: dict[str, str] = {}
        self._typed: dict[str, str] = {}
        self._since: dict[str, date] = {}

    def code(self, text: str, name: str, kind: str = "", day: date | None = None) -> str:
        """The code of an account as it is stored, the account noted; BadValueError when it is none."""
        code = text.strip()
        if self._digits:
            code = self._padded(code)
        if self._named.get(code) != name or self._typed.get(code, "") != kind:
            self._note(code, name, kind, day)
        return code

    def codes(
        self,
        texts: Sequence[str],
        names: Sequence[str],
        days: Sequence[str],
        kinds: Sequence[str] | None = None,
    ) -> list[str]:
        """The same of many lines; what was told of their accounts before is not looked at again.

        `days` are written YYYY-MM-DD.
        """
        codes = list(map(str.strip, texts))
        if self._digits:
            codes = list(map(self._padded, codes))
        if not all(map(eq, map(self._named.get, codes), names)) or (
            kinds and not all(map(eq, map(self._typed.get, codes, repeat("")), kinds))
        ):
            told = zip(codes, names, kinds or [""] * len(codes), days, strict=True)
            for code, name, kind, day in told:
                self.code(code, name, kind, _day(day))
        return codes

    def _padded(self, code: str) -> str:
        code = whole_number(code) or code
        return code.zfill(self._digits) if len(code) < self._digits and code.isdigit() else code

    def _note(self, code: str, name: str, kind: str, day: date | None) -> None:
        check_code(code)
        known = self.found.get(code)
        stated: AccountType | None = account_type(kind)
        clean = self._latest_name(code, name.strip(), known, day)
        add_account(self.found, Account(code, clean, stated or (known.type if known else None)))
        self._named[code] = name
        if kind or code in self._typed:
            self._typed[code] = kind

    def _latest_name(self, code: str, name: str, known: Account | None, day: date | None) -> str:
        if not name:
            return known.name if known else code
        if day is not None:
            if known is not None and day < self._since.get(code, day):
                return known.name
            self._since[code] = day
        return name


@lru_cache(10_000)
def _day(text: str) -> date:
    """A file has few days, and may have as many accounts as lines."""
    return date.fromisoformat(text)
