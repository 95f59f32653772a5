"""What findings say in plain English, by kind; `[finding]` of the pages' texts says it in other languages.

They begin small and have no full stop, so that a place can stand before them: line 17, column date.
"""

from collections.abc import Mapping

FINDINGS: Mapping[str, str] = {
    # Where something was found.
    "at_line": "line {line}: {what}",
    "at_column": "column {column}: {what}",
    "at_line_and_column": "line {line}, column {column}: {what}",
    # Of books that the ledger does not take, or not without a word.
    "fewer_lines": "{month} has {before} lines now and would have {after}",
    "of_year": "year {year}",
    "of_booking": "booking {booking}",
    "more_debit": "{scope} has {amount} more debit than credit",
    "more_credit": "{scope} has {amount} more credit than debit",
    "more_debit_again": "{scope} has {amount} more debit than credit; {accepted} was accepted before",
    "more_credit_again": "{scope} has {amount} more credit than debit; {accepted} was accepted before",
    "accepted_imbalance": "fiscal {scope} is out of balance by {amount}",
    "booking_unbalanced": "booking {booking} of {day} is out of balance by {amount}",
    "contradicting_key": "key {key} came with different contents",
    "unfit_line": "line {line}: {problem}",
    "no_key": "it has no key",
    "key_too_long": "its key or booking is longer than 1,000 bytes",
    "no_account": "it has no account",
    "account_too_long": "its account code is longer than 100 characters",
    "account_taken": "the account code (result) is taken by the reports",
    "date_of_no_age": "its date {date} is not of this age",
    "amount_unfit": "its amount {amount} does not fit: at most 15 digits and 4 decimals",
    "text_too_long": "the {name} {text} has {length} characters; {longest} fit",
    "too_many_axes": "the line has values of {axes} axes; {most} fit",
    "too_long_in_line": "line {line}: {problem}",
    "axis_value_too_long": "axis {axis} ({axis_length} characters) with the value {code} ({code_length} "
    "characters): {longest_axis} and {longest_code} fit",
    "sum_out_of_range": "account {account} in {month}: debit {debit}, credit {credit}; all debits of a "
    "ledger, and all its credits, must stay below {limit}",
    "equal_rows": "{count} added rows equal rows that were already there; all were kept",
    "outside_scope": "line {line} of {day} lies outside the part that was asked for",
    # Of accounting software.
    "more_debit_read": "entry {entry}: {amount} more debit can be read than credit",
    "more_credit_read": "entry {entry}: {amount} more credit can be read than debit",
    "inexact_amount": "entry {entry}: an amount of 10,000,000,000,000 or more",
    "inexact_balance": "the balance of an account: an amount of 10,000,000,000,000 or more",
}
