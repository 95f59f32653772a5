"""What messages say in plain English: one sentence or a few for every kind, without options and commands.

It is what is recorded, and what is read where nothing more is known of the reader. Whoever shows a message
may have other words for a kind: the command line its options, pages the reader's language.
"""

from collections.abc import Mapping

# A message that was written where it arose and is no kind of its own.
PLAIN = "plain"

QUESTIONS: Mapping[str, str] = {
    "day_or_month": "The date {date} in line {line} can be read in two ways, {first} and {second}, and no "
    "date of the file tells which.",
    "short_year": "The date {date} in line {line} has a year of two digits: the date format is needed.",
    "decimal": "The amount {amount} in line {line} can be read in two ways, and no amount of the file "
    "tells which: “{mark}” is the decimal mark, or it separates thousands.",
    "same_mark": "The decimal mark and the mark between thousands are the same; they must be different ones.",
    "delimiter": "The fields of the file may be separated by any of: {names}.",
    "sheets": "The workbook has {count} sheets with the same columns: {sheets}. Together they may be one "
    "ledger, or some of them are copies.",
    "sheets_hidden": "The workbook has several sheets with the same columns, of which some are hidden "
    "({hidden}): {sheets}. Together they may be one ledger, or some of them are not meant to be read.",
    "sheets_differ": "The ledger may stand in any of several sheets, which differ in their columns: "
    "{sheets}.",
    "sheet_unknown": "The workbook has no sheet {value} that is not empty; its sheets are: {sheets}.",
    "turned_dates": "A spreadsheet may have exchanged day and month: the date cell in line {line} holds "
    "{day}, which may be {other}, for no date cell has a day after the 12th, and every date in text has "
    "one, such as {text} in line {text_line}.",
    "day_number": "The column of dates holds the number {number} in line {line}. As a number of days it is "
    "{day}, but not every date of the column is such a number without doubt.",
    "date_cells_unknown": "{value} is no way to read date cells; they are read as stored, or turned.",
    "date_format_unknown": "The date format {value} is not understood; it is written such as DD-MM-YYYY, "
    "MM/DD/YYYY or YYYYMMDD.",
    "decimal_unknown": "The decimal mark {value} is not understood; it is comma or point.",
    "thousands_unknown": "The mark between thousands {value} is not understood; it is comma, point, space, "
    "apostrophe or none.",
    "delimiter_unknown": "The delimiter {value} is not understood; it is one of: semicolon, comma, tab, "
    "pipe.",
    "encoding_unknown": "The encoding {value} is not the name of a character set; such names are utf-8, "
    "cp1252 or utf-16.",
    "codes_as_numbers": "The file has the account code {code}, which a spreadsheet turned into a number; the "
    "one account that it can be is {known} ({name}).",
    "zeros_lost": "The file has the account {short} ({name}), new here, where {longer} of the same name is "
    "known: a spreadsheet dropped its leading zeros, or they are two accounts.",
    "accounts_untyped": "Nothing says of which statement new accounts of the file are, which begin with no "
    "digit: {codes}. A chart of accounts with their types says it of each.",
    "account_type_unknown": "The statement of accounts {value} is not understood; it is balance_sheet or "
    "profit_and_loss.",
    "code_digits_unknown": "The number of digits of account codes {value} is not understood; it is a number "
    "up to 20, or 0 to leave codes as they are.",
    "columns": "The header of the file is neither the standard layout nor the older one; its columns are: "
    "{headers}. A file without the header of its columns in its first line cannot be read. Where lines stand "
    "below a heading for each account, export them as one list with the account on every line.",
    "columns_proposed": "The header of the file is neither the standard layout nor the older one. Its "
    "columns probably are, with their first rows: {proposed}. Confirm that, or say which column is which; "
    "the columns of the file are: {headers}.",
    "columns_twice": "Columns {first_number} ({first}) and {second_number} ({second}) of the header would "
    "both be read as {name}.",
    "columns_unknown": "The map of columns names {names}, which is not a column known here; known are: "
    "{known} and axis:NAME for each analytical axis.",
    "columns_missing": "The map of columns names the column {names}, which the file does not have in line "
    "1; its columns are: {headers}.",
    "columns_incomplete": "The map of columns must at least give date, account_code and amount (or debit "
    "and credit), or for a chart of accounts account_code and account_name; it gives {mapped}. The columns "
    "of the file are: {headers}.",
    "utf_16": "The file holds a NUL byte at every other place in line 1: it seems to be {encoding} without "
    "a byte order mark.",
    "cut_off": "The file ends in line {line} in the middle of a character, as if it was cut off there; or "
    "its character set is another one.",
    "mixed_encodings": "Line {line} holds bytes that are not UTF-8 (or a character cut in two), though "
    "other letters of the file are UTF-8.",
    "encoding": "The file is neither UTF-8 (line {line}) nor Windows text (cp1252): it holds the byte "
    "{byte}.",
}

TEXTS: Mapping[str, str] = {
    # What the gate refuses.
    "subscription_inactive": "The subscription of this organisation is {state}. Imports start again when "
    "it is active: see Organisations > Billing.",
    "subscription_unknown": "The subscription could not be verified for three days. You need not do "
    "anything: imports start again when the billing system answers.",
    "entity_not_active": "The administration of this entity was not found. Check in the accounting software "
    "whether it exists.",
    "entity_removed": "This entity was removed.",
    "reconnect_needed": "The connection no longer works. Connect again under Organisations > Integrations.",
    "connection_removed": "The connection was removed. Connect again under Organisations > Integrations.",
    "not_importing": "This entity is not importing. Choose it again under Organisations > Integrations.",
    "other_account": "This account does not see {entities}, which this connection imports. Connect with the "
    "account that does, or first choose Not importing for what is no longer needed. Nothing was changed.",
    "no_connector": "There is no connector for this accounting software.",
    "no_ledger_file": "There is no ledger file to import. Import one, such as a CSV file.",
    "already_running": "An import of this entity is running. Wait until it has ended.",
    "failed_recently": "The last import failed less than an hour ago. Wait until {clock}, then try again.",
    "address_not_public": "The address {host} leads to no server on the public internet, and imports reach "
    "no others. Connect again with the address at which people outside your network open the software.",
    "credentials_refused": "{title} does not accept the credentials, or no longer. Check them there, "
    "then connect again.",
    "reading_refused": "{title} does not let the connected user read everything that an import needs. "
    "Give that user the right to read the accounting, then connect again.",
    "company_hidden": "{title} does not show this company to the connected user: it is gone or archived "
    "there, or not among the companies that the user may see.",
    "version_too_old": "{title} {version} cannot be read: it must be version {oldest} or newer.",
    # What the books are refused for.
    "shrunken": "The new data would empty or halve months that have lines now. The figures stay as they "
    "were.",
    "years_would_shrink": "The file has lines from {first} to {last} and replaces the fiscal years "
    "{years}, which would empty months that the file does not touch. Nothing was changed.",
    "odd_dates": "Lines have dates more than a year from now, or years from all others: {bookings}. Nothing "
    "was changed. Correct a year that was mistyped.",
    "other_fiscal_year": "The file says that a fiscal year runs from {first} to {last}; by the fiscal years "
    "of this entity, {first} lies in the year {year}. Nothing was changed.",
    "unbalanced": "Debit and credit are not equal. The figures stay as they were. Correct the books.",
    "unbalanced_booking": "The accounting software gave bookings that do not balance. The figures stay as "
    "they were. Contact its support.",
    "contradicting_keys": "The source gave different lines under one key. The figures stay as they were. "
    "Contact its support.",
    "unfit_lines": "The source gave lines that cannot be stored as they are. The figures stay as they were.",
    "text_too_long": "An account code or a dimension is too long to be stored. The figures stay as they "
    "were.",
    "sum_too_large": "The amounts add up to more than can be stored: at most 17 digits before the decimal "
    "mark. The figures stay as they were.",
    "implausible_dates": "The ledger would run from {first} to {last}. The figures stay as they were. "
    "Correct the booking date with the wrong year.",
    "outside_scope": "The accounting software answered with lines that were not asked for. Nothing was "
    "changed.",
    # What accounting software answers, or does not.
    "software_address": "The address of {title} must begin with https://.",
    "software_elsewhere": "{title} is not found at this address. Connect again under Organisations > "
    "Integrations, with the country of the subscription.",
    "software_down": "{title} does not answer. You need not do anything: imports go on when it answers "
    "again.",
    "allowance_used": "The accounting software allows no more requests for now. You need not do anything: "
    "imports go on by themselves.",
    "no_credentials": "No credentials are stored. Connect under Organisations > Integrations.",
    "renewal_unknown": "The connection was being renewed, and what became of it is not known. Connect again "
    "under Organisations > Integrations.",
    "software_busy": "{title} allows no more requests for now. You need not do anything: imports go on by "
    "themselves.",
    "software_moved": "{title} has moved. Connect with its new address under Organisations > Integrations.",
    "software_refuses": "{title} no longer accepts the connection. Connect again under Organisations > "
    "Integrations.",
    "question_refused": "{title} does not understand what it is asked. The figures stay as they were, and "
    "we are looking into it.",
    "answer_unreadable": "{title} gives no answer that can be read. You need not do anything: imports go on "
    "when it does again.",
    "answer_too_large": "{title} answers more than fits at once. The figures stay as they were, and we are "
    "looking into it.",
    "answer_unknown": "{title} answers in a form that is not known. The figures stay as they were, and we "
    "are looking into it.",
    "answer_contradicts": "{title} gives answers that contradict one another. The figures stay as they "
    "were. Import again; if it comes back, contact its support.",
    "sign_in_unknown": "It is not known what became of signing in to {title}. Connect again under "
    "Organisations > Integrations.",
    "application_refused": "{title} does not accept us. You need not do anything: the figures stay as they "
    "were, and we are looking into it.",
    "user_blocked": "{title} has blocked the connected user. Have the user unblocked there, then connect "
    "again under Organisations > Integrations.",
    "licence_ended": "The licence of {title} has ended or is blocked. See to it there, then connect again "
    "under Organisations > Integrations.",
    "permission_missing": "The connection may not read the books in {title}. Connect again under "
    "Organisations > Integrations, and allow all that is asked for.",
    "administration_hidden": "{title} does not show this administration to the connected user. Check there "
    "that it exists and that the user may see it.",
    "administration_archived": "This administration is archived in {title}. Take it out of the archive "
    "there if it is to be imported.",
    "administration_suspended": "This administration is suspended in {title}, as where an invoice was not "
    "paid. See to it there; imports go on when it is active again.",
    "books_hidden": "{title} shows no accounts of this administration. Give the connected user the right to "
    "read the books there.",
    "ledger_closed": "{title} does not let us read its ledger. You need not do anything: the figures stay as "
    "they were, and we are looking into it.",
    "balances_refused": "{title} does not show its trial balance to the connected user. Give that user the "
    "right to see reports there.",
    "cursor_expired": "{title} no longer knows where the last import ended. You need not do anything: the "
    "next import fetches everything.",
    "no_balances_of_day": "{title} has no balances of {day}: no financial period has begun by then.",
    "lines_hidden": "{title} hides lines of some entries, so that these do not add up to zero. Let the "
    "connected user see all journal items of the company there, then import again. The figures stay as they "
    "were.",
    "dimensions_hidden": "{title} hides analytic accounts that lines use. Let the connected user see all "
    "of them there, then import again. The figures stay as they were.",
    "amounts_inexact": "{title} tells amounts as large as these only roughly, and roughly is not enough. "
    "The figures stay as they were.",
    "sign_unknown": "{title} does not say which amounts are debits, and its accounts do not tell it yet. The "
    "figures stay as they were. Import again when costs or income are booked there.",
    "books_moved": "The books changed while they were read, so they are read again.",
    # What a file is refused for.
    "file_refused": "The file cannot be imported. {finding} Correct the file or export it again, then "
    "upload it again; nothing was changed.",
    "file_refused_for_more": "The file cannot be imported. {finding} (and {more} more) Correct the file or "
    "export it again, then upload it again; nothing was changed.",
    "unknown_format": "This does not look like a ledger file: it seems to be {seems}. The formats read are "
    "CSV (the standard layout, the older layout, or any other with a map of its columns), Excel .xlsx with "
    "the same columns, the French FEC, the Dutch XML Auditfile Financieel (XAF) 3.2, the Swedish SIE 4 and "
    "the Portuguese SAF-T 1.04_01. Export the books in one of these and upload that file.",
    "look_too_long": "The file takes long to read, or much memory. That is too much. Save it as CSV, or "
    "split it by year, and import that; nothing was changed.",
    "files_busy": "Other files are being looked at. Wait a minute, then look at this one again.",
    "file_too_big": "Reading {file} takes more than the {megabytes} MB of memory that an import may use. "
    "Save it as CSV, or split it by year, then upload that; nothing was changed.",
    "file_unread": "We failed to read {file}. Nothing was changed, and we are looking into it; the file is "
    "kept, but not imported until it comes again.",
    "file_keeps_failing": "The import of {file} failed twice in the same way, or ended without telling "
    "why. Nothing of it was changed. The file was set aside so that later files go on, and we are looking "
    "into it.",
    "of_file": "About the file {file}:",
    "reset_withdrawn": "The files could not be read anew. The figures stay as they were, and new files are "
    "imported.",
    # What is refused about a file that is there.
    "upload_in_use": "This file is being imported just now. Wait until that has ended, then look again.",
    "upload_applied": "This file is in the books and cannot be discarded. To take its lines out, import a "
    "file that replaces its fiscal years or everything.",
    # What went wrong on our side.
    "secret_unreadable": "A stored secret cannot be read. The figures stay as they were, and we are looking "
    "into it.",
    "secrets_unstorable": "Secrets cannot be stored. Nothing was changed, and we are looking into it.",
    "our_fault": "Something went wrong on our side. The figures stay as they were, and we are looking into "
    "it.",
    "memory_limit": "The import took more memory than it may use. The figures stay as they were, and we are "
    "looking into it.",
    "worker_lost": "The import stopped unexpectedly. Nothing was lost; the next import carries on.",
    "session_ended": "The database ended this import, and nothing of it was kept. The next one carries on.",
    "lease_lost": "Another import of this entity took over; this one changed nothing.",
    "stopped": "The run was stopped.",
    "step_failed": "A step of the run failed.",
    "marts_contradict_ledger": "The reports would contradict the ledger, so the old figures stay. We are "
    "looking into it.",
    "launch_failed": "The import could not be started. Nothing was changed, and we are looking into it.",
    "full_import_partial": "The full import did not tell the whole ledger.",
    "canceled": "The import was canceled before it started.",
}
