"""The catalogue of error codes: for each, what it is called, who must act and what to do.

A code that an error can carry and that is not here fails the tests, and so does one that no error carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LATE = "late"
UNEXPECTED = "unexpected"


class Actor(StrEnum):
    """Who can end the trouble. `asker`: whoever asked is told at once, and nothing has happened."""

    CUSTOMER = "customer"
    OPERATIONS = "operations"
    NOBODY = "nobody"
    ASKER = "asker"


class Alert(StrEnum):
    """When a message is sent about it."""

    AT_ONCE = "at once"
    WHEN_IT_LASTS = "when it lasts"
    AFTER_THREE = "after three in a row"
    NEVER = "never"


@dataclass(frozen=True)
class Remedy:
    """What a code means: a title, who acts, when messages go out, what each side does.

    `files` is what the finance user does where the ledger comes in files; None where that is no different.
    `command` is what the command line adds for who typed a command, where there is anything to add.
    """

    title: str
    actor: Actor
    alert: Alert
    finance: str
    operations: str
    files: str | None = None
    command: str | None = None

    def for_finance(self, *, takes_files: bool) -> str:
        """What the finance user does about an entity."""
        return self.files if takes_files and self.files else self.finance


LOOKED_INTO = "You need not do anything: the figures stay as they were, and we are looking into it."
IN_THE_RUN = "Read the detail in the import's history and the run's log in Dagster."
SAID_ALREADY = "Nothing: whoever asked has the answer."


def _books(
    title: str,
    finance: str,
    operations: str = "Nothing, unless the customer asks.",
    *,
    files: str | None = None,
) -> Remedy:
    return Remedy(title, Actor.CUSTOMER, Alert.AT_ONCE, finance, operations, files)


def _chosen(title: str, finance: str, operations: str) -> Remedy:
    """What somebody wanted so: nobody has to be told."""
    return Remedy(title, Actor.CUSTOMER, Alert.NEVER, finance, operations)


def _known(title: str, operations: str) -> Remedy:
    return Remedy(title, Actor.OPERATIONS, Alert.AT_ONCE, LOOKED_INTO, operations)


def _unforeseen(title: str, operations: str = IN_THE_RUN) -> Remedy:
    return Remedy(title, Actor.OPERATIONS, Alert.AFTER_THREE, LOOKED_INTO, operations)


def _answer(
    title: str, finance: str, operations: str = SAID_ALREADY, *, command: str | None = None
) -> Remedy:
    return Remedy(title, Actor.ASKER, Alert.NEVER, finance, operations, command=command)


REMEDIES: Mapping[str, Remedy] = {
    # The customer acts.
    "reconnect_needed": _books(
        "The connection no longer works",
        "Connect again under Organisations > Integrations.",
        "With credentials of the customer: `monitr connection reconnect ID`. Many at once of one provider: "
        "check our application's registration there.",
    ),
    "connection_removed": _chosen(
        "The connection was removed",
        "Connect again under Organisations > Integrations; history and figures are still there.",
        "With credentials of the customer: `monitr connection reconnect ID`.",
    ),
    "not_importing": _chosen(
        "The entity is not importing",
        "Choose it again under Organisations > Integrations, with its connection.",
        "Whoever chose so is among the changes: `monitr connection changes`.",
    ),
    "entity_gone": _books(
        "The administration is not found",
        "Check in the accounting software that the administration exists and the connected user may see it.",
        "Once the administration is there again: `monitr entity found KEY`.",
    ),
    "subscription_inactive": _books(
        "The subscription is not active",
        "See Organisations > Billing. Imports start again by themselves.",
        "Compare with the billing system: `monitr org list`.",
    ),
    "inconsistent_data": _books(
        "The books contradict themselves",
        "Correct in the accounting software what the import's findings list, then import again.",
        files="Correct what the import's findings list, then import the file again.",
    ),
    "shrunken": _books(
        "Months would lose most of their lines",
        "Check the books. If lines were really removed, ask whoever manages Monitr for you to accept that.",
        "If many entities of one provider have it, the provider gives incomplete answers: do not allow it. "
        "Of one whose lines were really removed: `monitr import KEY --allow-shrink`.",
        files="Check the file. If lines were really removed, import it again and accept the loss.",
    ),
    "unbalanced": _books(
        "Debit and credit are not equal",
        "Correct the books. If the difference is known, ask whoever manages Monitr for you to accept it.",
        "Where the customer knows the difference: `monitr import KEY --allow-unbalanced`.",
        files="Correct the file and import it again, or accept the difference there if it is known.",
    ),
    "unbalanced_booking": _books(
        "A booking does not balance", "Contact the support of the accounting software."
    ),
    "contradicting_keys": _books(
        "Different lines have one key",
        "Contact the support of the accounting software.",
    ),
    "unfit_lines": _books(
        "Lines that cannot be stored",
        "Correct in the accounting software the lines that the import's findings list, then import again.",
        files="Correct the lines that the import's findings list, then import the file again.",
    ),
    "text_too_long": _books(
        "A text that is too long",
        "Shorten in the accounting software the code or dimension that is too long, then import again.",
        files="Shorten the account code or dimension that is too long, then import the file again.",
    ),
    "sum_too_large": _books(
        "Amounts that add up to too much",
        "Correct in the accounting software the amount that is too large, then import again.",
        files="Correct the amount that is too large, then import the file again.",
    ),
    "cursor_expired": _books(
        "The accounting software no longer knows where we were",
        "You need not do anything: the next import fetches everything.",
        "Import the entity in full if it comes again: `monitr import KEY --full`.",
    ),
    "odd_dates": _books(
        "Dates in the far future, or years from all others",
        "Correct the booking date with the wrong year in the accounting software, then import again.",
        "If the dates are right: `monitr import KEY --file FILE --allow-dates`.",
        files="Correct the booking date with the wrong year; or import the file again and accept its dates.",
    ),
    "other_fiscal_year": _books(
        "Another fiscal year than that of the entity",
        "Ask whoever manages Monitr for you to set the fiscal year.",
        "`monitr entity set KEY --fiscal-year-start MONTH`, or for a year `--set fiscal_years=FIRST..LAST`, "
        "then import the file again.",
        files="Choose the fiscal year of the file, or import it again and keep the fiscal years as they are.",
    ),
    "implausible_dates": _books(
        "Dates too far apart",
        "Correct the booking date with the wrong year in the accounting software, then import again.",
        files="Correct the booking date with the wrong year, or the date format, then import the file again.",
    ),
    "outside_scope": _books(
        "Lines that were not asked for",
        "Contact the support of the accounting software.",
        "Check the provider's connector: its scope and what it asks for may differ.",
        files="Export the period again and import that file.",
    ),
    "file_refused": _books(
        "The file cannot be read", "Correct the lines that are listed, or export again, then upload again."
    ),
    "file_too_big": _books(
        "The file takes too much memory",
        "Save it as CSV, or split it by year, then upload that.",
        "A sound file of a large company: raise `MONITR_IMPORT_MEMORY_MB`, then ask for the file again.",
    ),
    "unknown_format": _books(
        "Not a ledger file", "Export the books as CSV, .xlsx, FEC or XAF and upload that file."
    ),
    "needs_answer": _books("The file can be read in two ways", "Upload it again and answer what is asked."),
    # Nobody acts, unless it lasts.
    "provider_down": Remedy(
        "The accounting software does not answer",
        Actor.NOBODY,
        Alert.WHEN_IT_LASTS,
        "You need not do anything: imports go on when it answers again.",
        "Look at the provider's status page.",
    ),
    # Operations act.
    LATE: _known(
        "The figures are older than a day",
        "See why it was not imported: the card, `monitr entities`, the queue in Dagster.",
    ),
    UNEXPECTED: _known("Imports keep failing", IN_THE_RUN),
    "subscription_unknown": _known(
        "The subscription could not be verified for three days",
        "Make the billing system answer: the reconciler's log tells what it answers.",
    ),
    "vault": _known("A secret cannot be read", "Restore the key in MONITR_SECRET_KEYS or `secret.key`."),
    "file_unread": Remedy(
        "We failed to read a file",
        Actor.OPERATIONS,
        Alert.AT_ONCE,
        "Nothing was changed, and we look into it. Import the file again then, or now in another form.",
        "A defect: read the run's log in Dagster; once it is repaired, ask for the file again.",
    ),
    "file_set_aside": Remedy(
        "A file failed again and again",
        Actor.OPERATIONS,
        Alert.AT_ONCE,
        "Nothing was changed, and we look into it. Import the file again then, or now in another form.",
        "The detail names what came twice: an error of PostgreSQL, or `worker_lost` where runs died, for "
        "example of memory. Once that is repaired, ask for the file again.",
    ),
    "reset_withdrawn": _known(
        "The files could not be read anew",
        "See the failed imports since the reset; once what they met is repaired: `monitr reset KEY`.",
    ),
    "our_fault": _unforeseen("Something went wrong on our side"),
    "worker_lost": _unforeseen(
        "The import stopped unexpectedly", "See what ended the run's process: memory, a restart, the machine."
    ),
    "session_ended": _unforeseen("The database ended the import", "See PostgreSQL's log."),
    "lease_lost": _unforeseen("Another import took over", "See whether the machine or the database stalled."),
    "stopped": _unforeseen(
        "The run was stopped", "See in Dagster who ended it; where `monitr up` ends, its imports do too."
    ),
    "step_failed": _unforeseen("A step of the run failed"),
    "marts_contradict_ledger": _unforeseen(
        "The reports would contradict the ledger", "A defect: the detail names the law and the month."
    ),
    "launch_failed": _unforeseen(
        "The import could not be started", "See the reconciler's log, and the runs of the entity in Dagster."
    ),
    "full_import_partial": _unforeseen(
        "A full import did not tell the whole ledger", "A defect of the connector."
    ),
    "stream_cut_off": _unforeseen(
        "The accounting software's answer was cut off", "A defect of the connector: its stream gave no end."
    ),
    "spool_full": _known(
        "There is no room to fetch the books into",
        "Make room where `MONITR_SPOOL_DIR` points, or raise `MONITR_SPOOL_LIMIT_MB`.",
    ),
    "memory_limit": _known(
        "The import takes more memory than it may",
        "Raise `MONITR_IMPORT_MEMORY_MB` where the machine has more; else a defect of the connector.",
    ),
    "no_connector": _known(
        "There is no connector for the accounting software",
        "The entity's provider is not in this version: `monitr entities` names it.",
    ),
    "application_refused": _known(
        "The accounting software does not accept this installation",
        "Compare MONITR_OAUTH_APPLICATIONS with our registration at its maker.",
    ),
    "ledger_closed": _known(
        "The accounting software gives this installation no access to ledgers",
        "Ask its maker to approve our app for that: docs/providers.md says under Connecting what it takes. "
        "Then customers connect again.",
    ),
    "no_run": _unforeseen("No Dagster run", "A defect: imports are started by runs."),
    "no_partition": _unforeseen(
        "The run names no entity", "Launch one entity a run: choose a single partition."
    ),
    # Whoever asked has the answer.
    "already_running": _answer("An import is running", "Wait until it has ended."),
    "failed_recently": _answer(
        "The last import failed within the hour", "Wait until the time that is shown."
    ),
    "look_too_long": _answer(
        "Looking at a file takes too much time or memory",
        "Save it as CSV, or split it by year, and import that.",
    ),
    "files_busy": _answer("Other files are being looked at", "Look again in a minute."),
    "no_ledger_file": _answer(
        "There is no ledger file",
        "Import a file with the books, such as a CSV file.",
        "Nothing, unless the customer asks: no file waits, or the last one was refused.",
        command="`monitr import KEY --file FILE` imports one.",
    ),
    "canceled": _answer("The import was canceled", "Import again when you want to."),
    "request_settled": _answer("The requested import has ended", "Request another one."),
    "run_spent": _answer("The run has had its import", "Launch a new run."),
    "other_account": _answer(
        "Another account", "Connect with the account that sees the entities of this connection."
    ),
    "no_application": _answer(
        "Not registered with the maker of the software", "Ask whoever manages Monitr for you to register it."
    ),
    "preview_only": _answer(
        "Not yet checked against the package",
        "Ask whoever manages Monitr for you whether you may try it.",
        operations="To let it be connected all the same, name it in `MONITR_PREVIEW_CONNECTORS`.",
    ),
    "unknown_connection": _answer(
        "No such connection", "Check the id.", command="`monitr connection list` shows them."
    ),
    "unknown_entity": _answer("No such entity", "Check the key.", command="`monitr entities` lists them."),
    "entity_removed": _answer(
        "The entity was removed",
        "Ask whoever manages Monitr for you to restore it.",
        command="`monitr entity restore` brings it back; `monitr entity list --removed` shows who did it.",
    ),
    "purge_begun": _answer(
        "Its data are being deleted",
        "Nothing can bring the entity back.",
        command="`monitr entity purge` goes on with it.",
    ),
    "not_confirmed": _answer("Nobody confirmed it", "Nothing was changed: do as the answer says."),
    "unknown_organisation": _answer(
        "No such organisation", "Check the name.", command="`monitr org list` lists them."
    ),
    "refused": _answer("Refused", "Do as the answer says."),
    "name_taken": _answer("The name is taken", "Choose another name."),
    "bad_value": _answer("A value that cannot be", "Correct the value that is named."),
    "no_file": _answer("No such file", "Check the path."),
    "unknown_upload": _answer(
        "No such ledger file", "Check the id.", command="`monitr upload list` shows them."
    ),
    "upload_in_use": _answer("The file is being imported", "Wait until the import has ended."),
    "upload_applied": _answer("The file is in the books", "Import a file that replaces its lines."),
    "unknown_token": _answer("No such token", "Check the id.", command="`monitr token list` shows them."),
    "unknown_hook_key": _answer("No such key", "Check the id.", command="`monitr hook-key list` shows them."),
    "too_many_hook_keys": _answer(
        "Two keys are valid",
        "Revoke one that is no longer used.",
        command="`monitr hook-key list` shows them, `monitr hook-key revoke ID` revokes one.",
    ),
    "bad_hook_key": _answer(
        "Not a key of the web hook",
        "Sign with a key that was made for the web hook.",
        command="`monitr hook-key create` prints one.",
    ),
    "backup_failed": _answer("The back-up failed", "Do as the answer says.", "Nothing was changed."),
    "roles_missing": _answer("The database lacks roles", "Execute what the answer says, then migrate again."),
}
