"""What a file may not hold too much of, told with the line that it stands in."""

from monitr_pipelines.files.reading.problems import BadValueError
from monitr_pipelines.ledger import limits
from monitr_pipelines.ledger.limits import MOST_ACCOUNTS, MOST_AXIS_VALUES, TooLong
from monitr_pipelines.ledger.records import Account, AxisValue, LedgerLine
from monitr_pipelines.ledger.sentences import sentence


def fits(line: LedgerLine) -> LedgerLine:
    """The line, or BadValueError where a text of it is too long."""
    if found := limits.of_line(line):
        raise _too_long(found)
    return line


def add_account(accounts: dict[str, Account], account: Account) -> None:
    """Note an account; BadValueError where it is too long, or one too many."""
    if found := limits.of_account(account):
        raise _too_long(found)
    if account.code not in accounts and len(accounts) >= MOST_ACCOUNTS:
        raise BadValueError(
            "too_many_accounts",
            sentence("too_many_accounts", most=MOST_ACCOUNTS),
            "account_code",
        )
    accounts[account.code] = account


def add_axis_value(axes: set[AxisValue], value: AxisValue) -> None:
    """Note a value of an axis; BadValueError where it is too long, or one too many."""
    if found := limits.of_axis_value(value):
        raise _too_long(found)
    if len(axes) >= MOST_AXIS_VALUES:
        raise BadValueError(
            "too_many_axis_values",
            sentence("too_many_axis_values", most=MOST_AXIS_VALUES, axis=value.axis),
        )
    axes.add(value)


def _too_long(found: TooLong) -> BadValueError:
    return BadValueError("too_long", found.message, found.name)
