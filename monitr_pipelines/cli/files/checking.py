"""`monitr import --check`: what an import of a file would do, without doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from monitr_pipelines.cli.output import Format, print_rows, say, say_error
from monitr_pipelines.cli.wording import problem_words, with_findings
from monitr_pipelines.files import ReadSettings
from monitr_pipelines.importing.beforehand.outlook import Comparison, Outlook
from monitr_pipelines.importing.beforehand.several import Foreseen, foresee
from monitr_pipelines.importing.preview import Preview, preview
from monitr_pipelines.ledger import brussels
from monitr_pipelines.ledger.findings import Finding, listing
from monitr_pipelines.ledger.money import plain
from monitr_pipelines.lifecycle.errors import ImportProblem, InconsistentData
from monitr_pipelines.warehouse.registry.entities import Entity
from monitr_pipelines.warehouse.server.database import Connection

NAMED = 10
STATEMENT = (
    "fiscal_year",
    "net_result_now",
    "net_result_then",
    "balance_total_now",
    "balance_total_then",
)


@dataclass(frozen=True)
class Checked:
    """A file that was looked at, those before it counted as imported."""

    file: Path
    seen: Preview
    foreseen: Foreseen

    @property
    def outlook(self) -> Outlook | None:
        """What its import would do."""
        return self.foreseen.outlook

    @property
    def problem(self) -> ImportProblem | None:
        """What its import would ask, or be refused for."""
        return self.foreseen.problem

    @property
    def findings(self) -> list[Finding]:
        """What its reading found, and what its import would tell besides."""
        return [*self.seen.findings, *self.foreseen.findings]


def in_turn(files: Sequence[Path], settings: ReadSettings, *, to_the_end: bool) -> list[tuple[Path, Preview]]:
    """Look at files, in the order of their import; without `to_the_end`, no longer than a page does."""
    looked = []
    for file in files:
        with file.open("rb") as stream:
            looked.append((file, preview(stream, settings, to_the_end=to_the_end)))
    return sorted(looked, key=lambda each: (each[1].order, each[0].name))


def check(
    connection: Connection,
    entity: Entity,
    files: Sequence[Path],
    settings: ReadSettings,
    accepted: Mapping[str, Any],
) -> list[Checked]:
    """What importing files would do, one after another in the order of their import."""
    looked = in_turn(files, settings, to_the_end=True)
    told = foresee(connection, entity, [(seen, accepted) for _, seen in looked], brussels.today())
    return [Checked(file, seen, foreseen) for (file, seen), foreseen in zip(looked, told, strict=True)]


def say_checked(checked: Checked, entity_key: str) -> None:
    """What was found, for who reads it."""
    seen = checked.seen
    reading = "; ".join(f"{name}: {value}" for name, value in seen.interpretation.items())
    say(f"{checked.file.name} read as {reading}" if reading else checked.file.name)
    if checked.outlook is not None:
        if checked.foreseen.uncounted:
            say("What files before this one bring is not counted: they could not be read to their end.")
        for sentence in _sentences(checked.outlook, seen):
            say(sentence)
    elif seen.charted and seen.whole:
        say(f"A chart of {seen.charted} accounts, without bookings.")
    if checked.findings and checked.problem is None:
        say(f"Worth a look:\n{listing(checked.findings)}")
    if checked.problem is not None:
        findings = checked.problem.findings if isinstance(checked.problem, InconsistentData) else ()
        say_error(with_findings(problem_words(checked.problem, entity=entity_key), findings))
    if checked.outlook is not None and checked.outlook.years:
        rows = [_row(each) for each in checked.outlook.years]
        print_rows(rows, STATEMENT, Format.TABLE, "What the statements say now, and would say then")


def checked_json(checked: Checked, entity_key: str) -> dict[str, Any]:
    """The same for programs; amounts are strings."""
    seen, coming = checked.seen, checked.outlook
    error = None
    if checked.problem is not None:
        words = problem_words(checked.problem, entity=entity_key)
        error = {"code": checked.problem.code, "message": words}
    told: dict[str, Any] = {
        "file": checked.file.name,
        "error": error,
        "interpretation": dict(seen.interpretation),
        "lines": seen.count,
        "debit": seen.debit,
        "credit": seen.credit,
        "findings": [str(finding) for finding in checked.findings],
    }
    if coming is not None:
        told |= {
            "first": str(coming.first),
            "last": str(coming.last),
            "replaced_lines": coming.replaced_lines,
            "replaced_months": list(map(str, coming.replaced_months)),
            "emptied_months": list(map(str, coming.emptied_months)),
            "added_months": list(map(str, coming.added_months)),
            "unbalanced": dict(coming.unbalanced),
            "new_accounts": list(coming.new_accounts),
            "untyped_accounts": list(coming.untyped),
            "years": [_row(each) for each in coming.years],
        }
    return told


def _sentences(coming: Outlook, seen: Preview) -> list[str]:
    months = (
        f"{coming.months} months, from {coming.first} to {coming.last}"
        if coming.months > 1
        else f"the month {coming.first}"
    )
    lines = f"{coming.lines} lines of {months}"
    told = [f"{lines}: debit {plain(seen.debit)}, credit {plain(seen.credit)}"]
    if coming.replaced_lines:
        told.append(f"Replaces {coming.replaced_lines} stored lines of {_named(coming.replaced_months)}")
    else:
        told.append("Replaces nothing that is stored")
    if coming.emptied_months:
        told.append(f"Leaves nothing in {_named(coming.emptied_months)}")
    if coming.added_months:
        told.append(f"Adds to the lines that are stored of {_named(coming.added_months)}")
    if coming.difference:
        broken = ", ".join(f"{booking} ({plain(amount)})" for booking, amount in coming.unbalanced)
        named = f": {broken}" if broken else ""
        told.append(f"Debit and credit differ by {plain(coming.difference)}{named}")
    if coming.new_accounts:
        told.append(f"New accounts: {_named(coming.new_accounts)}")
    if coming.untyped:
        told.append(
            "Accounts that neither the file nor the country's chart types, counted on the balance sheet: "
            f"{_named(coming.untyped)}"
        )
    return told


def _named(things: Sequence[object]) -> str:
    more = f", … ({len(things)})" if len(things) > NAMED else ""
    return ", ".join(map(str, things[:NAMED])) + more


def _row(each: Comparison) -> dict[str, Decimal | str | None]:
    now, then = each.stored, each.coming
    return {
        "fiscal_year": str(each.year),
        "net_result_now": None if now is None or now.closed else now.net_result,
        "net_result_then": None if then is None or then.closed else then.net_result,
        "balance_total_now": now and now.balance_total,
        "balance_total_then": then and then.balance_total,
    }
