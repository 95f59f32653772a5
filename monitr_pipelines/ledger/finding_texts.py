"""What findings say in plain English, by kind; `[finding]` of the pages' texts says it in other languages.

They begin small and have no full stop, so that a place can stand before them: line 17, column date.
"""

from collections.abc import Mapping

FINDINGS: Mapping[str, str] = {
    # Where something was found.
    "at_line": "line {line}: {what}",
    "at_column": "column {column}: {what}",
    "at_line_and_column": "line {line}, column {column}: {what}",
    "more_of_kind": "{what} (and {count} more of this kind)",
    "more_of_kind_in_lines": "{what} (and {count} more of this kind, in lines {lines})",
    "and_then": "{first}; {then}",
    "odd_date": "{day}, account {account}, {amount} {description}",
    # Of where people place accounts.
    "mapping_no_account": "no account is named",
    "mapping_no_line": "“{line}” is no line of the statements",
    "mapping_no_leaf": "line {line} is computed or a subtotal, and accounts stand on the lines beneath it",
    "mapping_other_statement": "account {account} does not belong to the statement of line {line}",
    "mapping_twice": "{account} is placed twice",
    "mapping_no_axis": "account {account} is placed by a value, and the entity has no primary axis",
    "mapping_unfit": "account {account}: a text holds a character that cannot be stored",
    "mapping_no_text": "this is no text in columns",
    "mapping_no_columns": "there are no columns with the names Account and Line",
    "mapping_gone": "{account} was changed since; its newer place would be lost",
    # Of figures that were made.
    "figures_unmapped_account": "account {subject} stands on no report line",
    "figures_unknown_account": "account {subject} is used by ledger lines, but no account list names it",
    "figures_opening_differs": "account {subject} opens the year from {year} with {found}; the year before "
    "ended with {expected}",
    "figures_result_account_unset": "the opening entries of the year from {year} carry the result of the "
    "year before to account {subject}; set it as the result account of the entity",
    "figures_opening_added": "the opening entries of {subject} were added to the balances that the year from "
    "{year} starts with; if they state the balances of that month, import the year as one file",
    "figures_opening_unsure": "the lines of {subject} repeat {found} of {expected} balances that the year "
    "before ended with, and were added to them; if they open the year, describe them as “Opening balance” or "
    "give them period 0, and import them again",
    "figures_closing_unsure": "the entries of {subject} leave nothing on {expected} profit and loss accounts "
    "together; if they close the year, describe them as “Closing” or give them period 13, and import them "
    "again: then the statements show the result",
    "figures_result_account_unfit": "account {subject} is set as the result account of the entity, but it is "
    "an account of profit and loss: its own figures are missing there; set an account of equity",
    "figures_balance_sheet_unbalanced": "the balance sheet of {month} adds up to {found} and not to zero",
    "figures_unmapped_month": "accounts without a report line in {month}: {number}, together {found} "
    "({parts})",
    "figures_bookings_unbalanced": "bookings of {month} whose debit and credit differ: {number}, by {found} "
    "in all ({parts})",
    "figures_cash_flow_differs": "the cash flow of {month} tells {found}; cash moved by {expected}",
    "figures_currency_differs": "{subject} states amounts in {stated}; the entity is in {own}",
    "figures_part": "{name}: {amount}",
    "figures_parts_more": "{parts}; …",
    # Of adjusting entries.
    "adjusting_unreadable": "a value has more than {longest} characters; look for a quotation mark that is "
    "never closed",
    "adjusting_no_column": "there is no column {column}",
    "adjusting_unknown_column": "the column {column} is unknown, or stands there twice; there are {columns}",
    "adjusting_too_many": "the row has more values than the header has columns",
    "adjusting_month": "{text} is no month; write it as 2026-01",
    "adjusting_amount": "{text} is no amount; write it as 1234.56, debit positive",
    "adjusting_zero": "the amount is zero",
    "adjusting_reason": "the reason is missing",
    "adjusting_place": "give an account or a report line, one of the two",
    "adjusting_axis": "give an axis and its value, or neither",
    "adjusting_too_long": "the text has {length} characters; {longest} fit",
    "adjusting_control": "the text holds a control character; take it out",
    "adjusting_unknown_account": "the company has no account {account}",
    "adjusting_unknown_line": "its reports have no line {line} that takes amounts",
    "adjusting_unknown_axis": "the axis {axis} has no value {value}",
    "adjusting_sum": "the adjusting entries of {month} add up to {amount} and not to zero",
    # Of books that the ledger does not take, or not without a word.
    "fewer_lines": "{month} has {before} lines now and would have {after}",
    "of_year": "year {year}",
    "of_booking": "booking {booking}",
    "more_debit": "{scope} has {amount} more debit than credit",
    "more_credit": "{scope} has {amount} more credit than debit",
    "more_debit_again": "{scope} has {amount} more debit than credit; {accepted} was accepted before",
    "more_credit_again": "{scope} has {amount} more credit than debit; {accepted} was accepted before",
    "opening_alone": "the opening of fiscal {scope} alone makes the difference of {amount}; the result "
    "of the year before is missing from it",
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
    # Of ledger files.
    "alone": "{what}",
    "alone_with_stop": "{what}.",
    "account_code_empty": "the account code is empty",
    "account_code_is_day": "{code} is an account code that a spreadsheet turned into a date; make the column "
    "text and write the code as it is",
    "account_code_is_number": "{code} is an account code that a spreadsheet turned into a number; "
    "make the column text "
    "and write the code as it is",
    "empty_file": "the file is empty: there is nothing to import",
    "too_many_columns": "the header has {columns} columns; {most} is the most that is read",
    "one_field": "has {fields} field where the header has {width}; is the line cut off, or is a delimiter "
    "inside a field that is not quoted?",
    "field_count": "has {fields} fields where the header has {width}; is the line cut off, or is a delimiter "
    "inside a field that is not quoted?",
    "other_delimiter": "has 1 field where the header has {width}; this line seems to be separated by {mark}, "
    "unlike the header",
    "quote_not_closed": "a quoted field starts here that is not closed before the file ends",
    "quote_misplaced": "text follows a closing quote; quotes inside a quoted field are doubled",
    "field_too_long": "a field here is longer than {field} characters or a record longer than {record}; is a "
    "quote not closed?",
    "too_many_accounts": "the file names more than {most} accounts; is the right column that of the account?",
    "too_many_axis_values": "the file names more than {most} axis values; is the column of {axis} an axis?",
    "amount_out_of_range": "{text} does not fit: at most 15 digits before and 4 after the decimal mark",
    "scientific_amount": "{text} is in scientific notation, which hides digits; write the amount in full",
    "bad_amount": "{text} is not an amount with the decimal mark {mark} ({how})",
    "date_empty": "the date is empty",
    "bad_date": "{text} is not a date written {notation} ({how})",
    "no_date_in": "{text} is not a date written {notation}",
    "no_day": "{text} is not a day of the calendar",
    "bad_year": "{text}: the year must lie between {first} and {last}",
    "unknown_account_type": "{text} is not a type of account; write balance_sheet or profit_and_loss",
    "control_character": "holds {what}, which no text has",
    "not_decodable": "is not {encoding}",
    "byte_not_decodable": "byte {byte} is not {encoding}",
    "xml_forbidden": "the XML has a document type (DOCTYPE) or entities, which a ledger file never "
    "has and which"
    " can harm the reader",
    "no_accounts": "the file has a header and no accounts: there is nothing to import",
    "no_lines": "the file has a header and no lines: there is nothing to import",
    "no_lines_in_audit_file": "the audit file has no lines: there is nothing to import",
    "zeros_lost": "the accounts {short} and {longer} ({name}) have one name and differ by leading zeros "
    "alone, which spreadsheets drop; if they are one account, import the file with the short codes again "
    "and say that its codes have {digits} digits",
    "zeros_perhaps_lost": "the accounts {short} ({name}) and {longer} differ by leading zeros alone, which "
    "spreadsheets drop, and have different names; if they are one account, import the file with the short "
    "codes again and say that its codes have {digits} digits",
    "accounts_of_no_type": "these accounts begin with no digit, and nothing says their type; they count as "
    "balance sheet until a chart of accounts says otherwise: {codes}",
    "rows_left_out": "{count} printed rows are no lines of the ledger and were left out, {totals} of them "
    "totals that agree with the lines; in lines {lines}",
    "total_differs": "the total {total} is not what the lines above it add up to: {found}",
    "totals_differ": "the totals {debit} and {credit} are not what the lines above add up to: "
    "{found_debit} and {found_credit}",
    "second_header": "is the header once more; join files without it",
    "starts_again": "the header and the first line come once more: the file holds its lines twice; "
    "take the second time away",
    "amount_empty": "the amount is empty",
    "no_side_given": "neither a debit nor a credit is given",
    "debit_and_credit": "the line has both a debit ({debit}) and a credit ({credit}); make it two lines",
    "debit_and_credit_both": "the line has both a debit ({debit}) and a credit ({credit})",
    "bad_currency": "{text} is not a currency; write three letters such as USD",
    "bad_flag": "{text} is neither yes nor no",
    "bad_side": "{text} is neither D (debit) nor C (credit)",
    "column_twice": "the header has the column {column} twice",
    "column_missing": "the header of this FEC lacks the column {column}; it has: {headers}",
    "fec_columns": "the header has {columns} columns; a FEC has {fewest} to {most}: {headers}",
    "control": "the {what} of section {section} is stated as {stated}; its lines make {found}",
    "count_of_lines": "count of lines",
    "total_debit": "total debit",
    "total_credit": "total credit",
    "control_characters": "control characters in texts of the file ({count}, the first in line {lines}) were "
    "read as blanks",
    "encoding_untrue": "the file says that it is {stated}, and it is not: it was read as {found}",
    "days_moved": "bookings dated outside the year of the file, which is from {first} up to and including "
    "{last}, are counted in it ({count}): {places}",
    "opening_twice": "journal {journal} states the opening balance of the file once more; it is counted "
    "once, and {count} lines are left out",
    "opening_stated_again": "{count} lines of {day} state the opening balance of their year once more; it is "
    "counted once",
    "opening_contradicted": "journal {journal} states the opening balance of the file once more and with "
    "other amounts, for the accounts {accounts}; export the file with one opening balance",
    "opening_added": "journal {journal} has opening entries besides the opening balance of the file, for the "
    "accounts {accounts}; both are counted",
    "opening_journal_ordinary": "journal {journal} is marked as the opening journal and has bookings of "
    "later days, such as {day}; it is read as an ordinary journal",
    "opening_moved": "lines of the opening journal dated before the year of the file ({count}, from {first} "
    "up to and including {last}) are counted on {day}, its first day",
    "balances_differ": "balances that the file states differ from what its lines make ({count}): {accounts}",
    "line_too_long": "the line is longer than {most} characters",
    "sie_type": "the SIE file is of type {type}, which holds balances alone; export type 4, which has the "
    "verifications",
    "sie_not_closed": "a verification starts here that is not closed; the file is cut off",
    "sie_alone": "the line stands in no verification",
    "day_outside_year": "the booking date {day} lies outside the year of the file, from {first} up "
    "to and including"
    " {last}",
    "xml_not_well_formed": "the XML is faulty or cut off ({why})",
    "header_missing": "the audit file has no header with its fiscal year",
    "xaf_version": "the audit file is version {version}; version 3.2 is read, export it as that",
    "xaf_other": "the audit file is of another version (namespace {namespace}); version 3.2 is read, export "
    "it as that",
    "year_ends_before": "the year ends ({end}) before it starts ({start})",
    "cell_too_long": "{text} is longer than a cell can be ({most})",
    "control_in_cell": "{text} holds a control character, which no text has",
    "no_excel_day": "{text} is no day of Excel's calendar",
    "no_number": "{text} stands where the cell says it is a number: the Excel file is damaged",
    "formula_without_value": "cell {cell} holds a formula whose value was not stored; open the workbook in "
    "a spreadsheet, save it there and import that",
    "hidden_rows": "{count} rows are hidden, the first is row {first}; they were read like all others",
    "in_sheet": "in sheet {sheet}: {what}",
    "too_many_texts": "the Excel file has more than {most} texts",
    "row_too_long": "the row is longer than {most} characters",
    "row_impossible": "the Excel file has a row {row}; a sheet has at most {most} rows",
    "column_impossible": "the Excel file has a cell in column {column}; a sheet has at most {most} "
    "columns, to XFD",
    "unpacks_to": "the Excel file would unpack from {packed} to {unpacked} bytes; save the sheet as CSV "
    "instead",
    "workbook_damaged": "the Excel file is damaged or cut off and cannot be read ({why})",
    "too_many_parts": "the Excel file lists its parts in {size} bytes",
    "outside_table": "cell {cell} stands beside the table, whose last column is {last}; it was left "
    "out, and so "
    "was any other there",
    # What a file seems to be that is none of those read.
    "seems_pdf": "a PDF document",
    "seems_picture": "a picture",
    "seems_gzip": "a file compressed with gzip; unpack it first",
    "seems_7z": "a 7-Zip archive; unpack it first",
    "seems_rar": "a RAR archive; unpack it first",
    "seems_bzip2": "a file compressed with bzip2; unpack it first",
    "seems_parquet": "a Parquet file",
    "seems_sqlite": "a SQLite database",
    "seems_old_excel": "an old Excel workbook (.xls) or one with a password; save it as .xlsx without a "
    "password",
    "seems_datev": "a German DATEV export",
    "seems_json": "JSON data",
    "seems_rtf": "a text document (RTF)",
    "seems_web_page": "a web page; was the login page saved instead of the export?",
    "seems_saft": "a SAF-T audit file of another country or version (namespace {namespace}); of these, that "
    "of Portugal in version 1.04_01 is read",
    "seems_xml": "XML, but not an audit file (its root is {root})",
    "seems_text": "text whose first line has no columns (no semicolon, comma, tab or vertical bar)",
    "seems_xlsb": "a binary Excel workbook (.xlsb); save it as .xlsx",
    "seems_zip": "a ZIP archive; unpack it first",
    # What is wrong with the file of a structure, and what to do about it: sentences by themselves.
    "structure_at_line": "Line {row}: {what}",
    "structure_at_line_of": "Line {row} ({line}): {what}",
    # Of what it is to be called.
    "structure_name_unfit": "This is no name. Give one of 1 to {most} characters, without blanks around it.",
    "structure_name_of_template": "A template is called {name} already. Choose another name.",
    # Of the file.
    "structure_too_large": "The file has {size} bytes. Use {most} at most.",
    "structure_no_utf8": "The file is not in UTF-8. Save it as `CSV UTF-8`.",
    "structure_unreadable": "It cannot be read as a table: a quotation mark is missing, or a cell is "
    "far too long. Save it again from a spreadsheet.",
    "structure_no_column": "There is no column {column}. Columns are {columns}.",
    "structure_unknown_column": "{column} is not a column. Columns are {columns}.",
    "structure_column_twice": "The column {column} stands twice. Take one of them out.",
    "structure_more_cells": "It has {cells} cells, and the header has {columns}. Put cells that hold the "
    "separator in quotation marks.",
    "structure_too_many_lines": "It has more than {most} lines. Leave accounts to the mapping.",
    # Of a line by itself.
    "structure_no_code": "It has no code. Give the column `line` one, unique in the file.",
    "structure_long_code": "Its code has {length} characters. Use {most} at most.",
    "structure_reserved": "Every structure is given this line by itself. Leave it out, or rename it.",
    "structure_no_statement": "{statement} is not a statement. Write one of {statements}.",
    "structure_no_position": "{position} is not a position. Write a whole number, 1 to {most}.",
    "structure_no_name": "It has no name. Fill {columns} or {last}; the others follow it.",
    "structure_long_name": "{column} has {length} characters. Use {most} at most.",
    "structure_no_flag": "top is {top}. Write 1 for a main line, 0 or nothing for the rest.",
    "structure_top_alone": "top is 0, but it has no parent. Give it a parent, or write 1.",
    "structure_no_role": "{role} is not a role. Write one of {roles}, or nothing.",
    "structure_role_elsewhere": "The role {role} is of {statement}. Give it to a line there, or leave it "
    "out.",
    "structure_accounts_of_flow": "A line of the cash flow statement has no accounts. Leave them out; lines "
    "of the other statements lead to it by their column `cash_flow`.",
    "structure_accounts_of_role": "A line with the role {role} is computed, and has no accounts. Take one of "
    "the two out.",
    "structure_long_beginning": "{column} holds a beginning of {length} characters. Use {most} at most, and "
    "blanks between them.",
    "structure_control": "{column} holds a control character. Take it out; a cell is one line.",
    # Of lines beside one another.
    "structure_code_twice": "Line {other} of the file has this code too. Give each its own.",
    "structure_position_twice": "Line {other} of the file has position {position} of this statement too. "
    "Number the lines of a statement differently.",
    "structure_own_parent": "It is its own parent. Name another line, or none.",
    "structure_no_parent": "There is no line {parent} for its parent. Correct the code, or add the line.",
    "structure_parent_elsewhere": "Its parent {parent} is of another statement. A total is of one statement: "
    "name another line.",
    "structure_circle": "Its parents lead back to itself: {circle}. Give one of them a parent above, or "
    "none.",
    "structure_accounts_above": "{column} is filled, but it has lines below it. Accounts stand on "
    "lines without lines below: give it one more for them.",
    "structure_beginning_twice": "{column} holds {beginning}, as does line {other} of the file. A "
    "beginning of account codes stands once in a statement.",
    "structure_flow_above": "cash_flow is filled, but it has lines below it. Fill it on the lines below "
    "instead.",
    "structure_flow_computed": "A line that is computed leads to no cash flow. Leave cash_flow empty.",
    "structure_flow_cash": "It is cash, whose change the cash flow explains. Leave cash_flow empty, or take "
    "the role out.",
    "structure_flow_nowhere": "There is no line {line} in the cash flow statement. Correct the code, or add "
    "the line.",
    "structure_flow_total": "{line} of the cash flow statement is a total. Name a line without lines below "
    "and without a role.",
    "structure_role_with_parts": "A line with the role {role} is computed, and has no lines below. Give them "
    "another parent.",
    "structure_role_twice": "Line {other} of the file has the role {role} too. One line has it.",
    "structure_role_missing": "No line has the role {role}. Give it to one.",
    "structure_role_missing_flow": "No line of the cash flow statement has the role {role}. Give it to one.",
    "structure_empty_result": "It is the net result and has no lines below: it would always be 0. Name it as "
    "the parent of the lines of profit and loss.",
    "structure_result_in_cash": "It is the result, and below a line that is cash. Give it another parent.",
    "structure_cash_twice": "A line above it is cash already. Take the role out of one of them.",
    "structure_role_below": "A line with the role {role} is at the top. Take its parent out.",
    "structure_flow_beside": "It is in no net cash flow. Give it the line with the role net_cash_flow above.",
}
