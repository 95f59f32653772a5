from collections import Counter, defaultdict
from decimal import Decimal
from itertools import islice

import pytest

from monitr_pipelines.emulators.volume import COMBINATIONS, VOLUME_AXES, generate_lines, volume_accounts
from monitr_pipelines.ledger.records import AccountType


def test_the_same_seed_gives_the_same_lines() -> None:
    assert list(generate_lines(5_000, 1)) == list(generate_lines(5_000, 1))
    assert list(generate_lines(5_000, 1)) != list(generate_lines(5_000, 2))


@pytest.mark.parametrize("count", [*range(2, 40), 1_001])
def test_exactly_so_many_lines_in_balanced_entries(count: int) -> None:
    lines = list(generate_lines(count, 7))
    assert len(lines) == count
    entries: dict[str | None, Decimal] = defaultdict(Decimal)
    sizes: Counter[str | None] = Counter()
    for line in lines:
        entries[line.booking] += line.amount
        sizes[line.booking] += 1
    assert not any(entries.values())
    assert set(sizes.values()) <= {2, 3}


def test_too_few_lines_or_accounts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot balance"):
        next(generate_lines(1, 1))
    with pytest.raises(ValueError, match="at least 10 accounts"):
        volume_accounts(9)


def test_spread_over_accounts_months_and_combinations() -> None:
    accounts = {account.code: account for account in volume_accounts()}
    assert len(accounts) == 300
    lines = list(generate_lines(100_000, 3))
    assert {line.account_code for line in lines} == set(accounts)
    assert len({line.period for line in lines}) == 36
    assert {line.axes for line in lines} == {(), *COMBINATIONS}
    assert len(COMBINATIONS) == 40
    assert {(value.axis, value.code) for value in VOLUME_AXES} == {
        pair for pairs in COMBINATIONS for pair in pairs
    }
    assert len({line.external_id for line in lines}) == len(lines)
    assert [line.booking_date for line in lines] == sorted(line.booking_date for line in lines)
    for line in lines:
        assert bool(line.axes) == (accounts[line.account_code].type is AccountType.PROFIT_AND_LOSS)


def test_lines_are_made_as_they_are_asked_for() -> None:
    assert len(list(islice(generate_lines(10**12, 1), 10))) == 10
