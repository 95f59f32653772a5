"""A ledger's fiscal years one after another: what each ended with tells the openings of the next."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest

from monitr_pipelines.ledger.money import ZERO
from monitr_pipelines.ledger.turns.closings import Ended, doubtful_closing, find_closings
from monitr_pipelines.ledger.turns.lines import Doubt, Role, TurnLine, Verdict, Year, by_account
from monitr_pipelines.ledger.turns.openings import doubtful_opening, find_openings
from monitr_pipelines.ledger.turns.repeats import find_repeats


@dataclass
class Judgement:
    """The roles of lines by external id, and what only the accountant can judge."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def judge(years: Sequence[Year], result_account: str | None = None) -> Judgement:
    """What the lines of `years`, which are in their order, do besides moving accounts.

    The balances that a year ends with are those without the entries that close the balance sheet; an opening
    that repeats them is not added. Results go to the result account, else they wait for an opening to tell
    where the books carried them.
    """
    found = Judgement({key: verdict for year in years for key, verdict in find_repeats(year).items()})
    years = [_once(year, found.verdicts) for year in years]
    ledger = _Carried(result_account)
    for year, next_year in zip_longest(years, years[1:]):
        openings = find_openings(year, ledger.balances, ledger.result)
        doubt = None if openings else doubtful_opening(year, ledger.balances)
        results = ledger.open(year, openings)
        ended = Ended(year, results, ledger.balances, next_year.first if next_year else ())
        closings = find_closings(ended)
        other = None if closings else doubtful_closing(ended)
        ledger.close(year, results, closings)
        found.verdicts |= openings | closings
        found.doubts += filter(None, (doubt, other))
    return found


def _once(year: Year, verdicts: Mapping[str, Verdict]) -> Year:
    """A year without the lines that open it once more."""
    again = [line for line in year.first if line.external_id in verdicts]
    if not again:
        return year
    sums, counts = by_account(again), Counter(line.account for line in again)
    return replace(
        year,
        first=tuple(line for line in year.first if line.external_id not in verdicts),
        last=tuple(line for line in year.last if line.external_id not in verdicts),
        results={account: amount - sums.get(account, ZERO) for account, amount in year.results.items()},
        balances={account: amount - sums.get(account, ZERO) for account, amount in year.balances.items()},
        lines={account: count - counts[account] for account, count in year.lines.items()},
    )


class _Carried:
    """What goes on from one year to the next: `balances`, and the `result` that is on none of them yet."""

    def __init__(self, result_account: str | None) -> None:
        self._result_account = result_account
        self.balances: dict[str, Decimal] = {}
        self.result = ZERO

    def open(self, year: Year, openings: Mapping[str, Verdict]) -> dict[str, Decimal]:
        """Begin a year; returns what its profit and loss accounts hold at its end."""
        opened = [line for line in year.first if line.external_id in openings]
        results, moved = dict(year.results), dict(year.balances)
        for line in opened:
            kind = results if line.account in results else moved
            kind[line.account] -= line.amount
        if not year.follows and (year.opened or opened):
            self.balances, self.result = dict(year.opened), sum(year.opened_results.values(), ZERO)
            for line in opened:
                self._bring(line, is_result=line.account in results)
        for account, amount in moved.items():
            self._add(account, amount)
        return results

    def close(self, year: Year, results: dict[str, Decimal], closings: Mapping[str, Verdict]) -> None:
        """End a year: what closed its balance sheet is not carried on."""
        for line in _with_role(year.last, closings, Role.BALANCE_CLOSING):
            if line.account in results:
                results[line.account] -= line.amount
            else:
                self._add(line.account, -line.amount)
        self.result += sum(results.values(), ZERO)
        if self._result_account:
            self._add(self._result_account, self.result)
            self.result = ZERO

    def _bring(self, line: TurnLine, *, is_result: bool) -> None:
        if is_result:
            self.result += line.amount
        else:
            self._add(line.account, line.amount)

    def _add(self, account: str, amount: Decimal) -> None:
        self.balances[account] = self.balances.get(account, ZERO) + amount


def _with_role(lines: Iterable[TurnLine], verdicts: Mapping[str, Verdict], role: Role) -> Iterable[TurnLine]:
    return (
        line for line in lines if line.external_id in verdicts and verdicts[line.external_id].role is role
    )
