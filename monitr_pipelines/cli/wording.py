"""Messages as the command line says them: with the options and commands that answer them."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitr_pipelines.ledger.findings import Finding, listing
from monitr_pipelines.lifecycle.advice import for_operations
from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.messages import Message, recorded

# How the columns of a file are told, as an example.
EXAMPLE = (
    "--columns columns.json, a file that holds "
    '{"date": "Boekdatum", "account_code": "Rekening", "amount": "Bedrag"}'
)
# What plain English leaves open here can be answered by an option.
WORDS: Mapping[str, str] = {
    "day_or_month": "The date {date} in line {line} can be read in two ways, and no date of the file tells "
    "which: answer with --date-format {first} or --date-format {second}.",
    "short_year": "The date {date} in line {line} has a year of two digits: say with --date-format what it "
    "means, such as DD/MM/YY.",
    "decimal": "The amount {amount} in line {line} can be read in two ways, and no amount of the file "
    "tells which: answer with --decimal {name} if its mark is the decimal mark, or with --decimal {other} "
    "if it separates thousands.",
    "same_mark": "--decimal and --thousands name the same mark; give two different ones.",
    "delimiter": "The fields of the file may be separated by any of: {names}. Say with --delimiter which "
    "it is, such as --delimiter semicolon.",
    "sheets": "The workbook has {count} sheets with the same columns: {sheets}. If they are one ledger, "
    "answer with --sheet '*'; otherwise with --sheet and the name of the sheet that is to be read, or "
    "several names with / between them.",
    "sheets_hidden": "The workbook has several sheets with the same columns, of which some are hidden "
    "({hidden}): {sheets}. If all of them are one ledger, answer with --sheet '*'; otherwise with --sheet "
    "and the names of those that are to be read, with / between them.",
    "sheets_differ": "The ledger may stand in any of several sheets, which differ in their columns: "
    "{sheets}. Answer with --sheet and the name of the sheet that is to be read.",
    "sheet_unknown": "The workbook has no sheet {value} that is not empty; give --sheet one of: {sheets}.",
    "turned_dates": "A spreadsheet may have exchanged day and month: the date cell in line {line} holds "
    "{day}, which may be {other}, for no date cell has a day after the 12th, and every date in text has "
    "one, such as {text} in line {text_line}. Answer with --date-cells turned if day and month were "
    "exchanged, or with --date-cells stored if the date cells are right.",
    "day_number": "The column of dates holds the number {number} in line {line}. As a number of days it is "
    "{day}, but not every date of the column is such a number without doubt. Answer with --date-cells "
    "stored if it is that day, or correct the file.",
    "date_cells_unknown": "--date-cells {value} is not understood; give stored or turned.",
    "date_format_unknown": "--date-format {value} is not understood; write it such as DD-MM-YYYY, "
    "MM/DD/YYYY or YYYYMMDD.",
    "decimal_unknown": "--decimal {value} is not understood; give comma or point.",
    "thousands_unknown": "--thousands {value} is not understood; give comma, point, space, apostrophe or "
    "none.",
    "delimiter_unknown": "--delimiter {value} is not understood; give one of: semicolon, comma, tab, pipe.",
    "encoding_unknown": "--encoding {value} is not the name of a character set; give one such as utf-8, "
    "cp1252 or utf-16.",
    "accounts_untyped": "Nothing says of which statement new accounts of the file are, which begin with no "
    "digit: {codes}. Import a chart of accounts with a column account_type first; or import again with "
    "--account-type profit_and_loss or --account-type balance_sheet if all of them are of that one.",
    "account_type_unknown": "--account-type {value} is not understood; give balance_sheet or "
    "profit_and_loss.",
    "code_digits_unknown": "--code-digits {value} is not understood; give a number up to 20, or 0 to leave "
    "codes as they are.",
    "codes_as_numbers": "The file has the account code {code}, which a spreadsheet turned into a number; the "
    "one account that it can be is {known} ({name}). If it is, import again with --code-digits {digits}.",
    "zeros_lost": "The file has the account {short} ({name}), new here, where {longer} of the same name is "
    "known. If a spreadsheet dropped its leading zeros, import again with --code-digits {digits}; if they "
    "are two accounts, with --code-digits 0.",
    "columns": "The header of the file is neither the standard layout nor the older one; its columns are: "
    "{headers}. Say with --columns which column is which, for example {example}; with debit and credit "
    "instead of amount if they are two columns. A file without the header of its columns in its first line "
    "cannot be read. Where lines stand below a heading for each account, export them as one list with the "
    "account on every line.",
    "columns_proposed": "The header of the file is neither the standard layout nor the older one. Its "
    "columns probably are, with their first rows: {proposed}. If that is right, import again with "
    "--columns '{option}'; otherwise change it. The columns of the file are: {headers}.",
    "columns_twice": "Columns {first_number} ({first}) and {second_number} ({second}) of the header would "
    "both be read as {name}. Say with --columns which column is which, for example {example}.",
    "columns_unknown": "--columns names {names}, which is not a column known here; known are: {known} and "
    "axis:NAME for each analytical axis.",
    "columns_missing": "--columns names the column {names}, which the file does not have in line 1; its "
    "columns are: {headers}.",
    "columns_incomplete": "--columns must at least give date, account_code and amount (or debit and "
    "credit), or for a chart of accounts account_code and account_name; it gives {mapped}. The columns of "
    "the file are: {headers}.",
    "utf_16": "The file holds a NUL byte at every other place in line 1: it seems to be {encoding} without "
    "a byte order mark. Give --encoding {encoding} if it is, or save the file as UTF-8.",
    "cut_off": "The file ends in line {line} in the middle of a character, as if it was cut off there. "
    "Export it again; or if it is complete, give its character set with --encoding, such as cp1252.",
    "mixed_encodings": "Line {line} holds bytes that are not UTF-8 (or a character cut in two), though "
    "other letters of the file are UTF-8. Give --encoding (such as cp1252) if you know the character set, "
    "or export the file again.",
    "encoding": "The file is neither UTF-8 (line {line}) nor Windows text (cp1252): it holds the byte "
    "{byte}. Give its character set with --encoding, such as cp850 or utf-16-le.",
    "address_not_public": "The address {host} leads to no server on the public internet. For one on this "
    "machine or in a network of your own, list that in MONITR_PROVIDER_NETWORKS, such as 127.0.0.0/8.",
    "unknown_format": "This does not look like a ledger file: it seems to be {seems}. The formats read are "
    "CSV (the standard layout, the older layout, or any other with --columns), Excel .xlsx with the same "
    "columns, the French FEC, the Dutch XML Auditfile Financieel (XAF) 3.2, the Swedish SIE 4 and the "
    "Portuguese SAF-T 1.04_01. Export the books in one of these and import that file.",
}


def problem_words(problem: ImportProblem, *, entity: str = "KEY") -> str:
    """What went wrong, and what to type about it; `entity` is the key of the entity that it is about."""
    words = _words(problem.messages, entity)
    remedy = REMEDIES.get(problem.code)
    return f"{words} {remedy.command}" if remedy and remedy.command else words


def recorded_words(row: Mapping[str, Any], *, entity: str) -> str:
    """What ended an import, from its row."""
    return _words(recorded(row["error_message"], row["error_fields"]), entity)


def tie_out_words(row: Mapping[str, Any], *, entity: str) -> str | None:
    """What came of comparing with the software's own trial balance, from an import's row; None of a file."""
    if row["untold"] is not None:
        reason = _words(recorded(row["untold"], row["untold_fields"]), entity)
        return f"not compared with the software's own trial balance: {reason}"
    if row["tied_day"] is None:
        return None
    if row["differing"]:
        accounts = "1 account" if row["differing"] == 1 else f"{row['differing']} accounts"
        return f"differs from the software's own trial balance on {accounts}, as of {row['tied_day']}"
    if not row["compared"]:
        return f"has no balances, and neither has the software's own trial balance, as of {row['tied_day']}"
    accounts = "1 account" if row["compared"] == 1 else f"{row['compared']} accounts"
    return f"equals the software's own trial balance on {accounts}, as of {row['tied_day']}"


def with_findings(words: str, findings: Sequence[Finding]) -> str:
    """A problem with what was found, one finding a line."""
    return f"{words}\n{listing(findings)}" if findings else words


def _words(messages: Sequence[Message], entity: str) -> str:
    return "\n".join(_message(message, entity) for message in messages)


def _message(message: Message, entity: str) -> str:
    try:
        return WORDS[message.kind].format(example=EXAMPLE, **message.values)
    except KeyError:  # no words of its own, or what an older release recorded names other values
        return for_operations([message], entity=entity)
