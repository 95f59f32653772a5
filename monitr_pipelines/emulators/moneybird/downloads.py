"""Files that are asked for and fetched later: the audit file of a year.

Asking answers nothing; the file is in the list of downloads from then on, and a link to it lives for half a
minute.
"""

import re
import secrets
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitr_pipelines.emulators.frame.messages import Answer, Request
from monitr_pipelines.emulators.moneybird.administrations import Administrations, Row
from monitr_pipelines.emulators.moneybird.audit_file import accounts_of, audit_file
from monitr_pipelines.emulators.moneybird.forms import Refused, identifier, moment, number_of
from monitr_pipelines.emulators.moneybird.ledger import MONTHS_A_YEAR, Ledger
from monitr_pipelines.emulators.shared.records import Company

FILES = "/downloads/files/"
LINK_LIFE = timedelta(seconds=30)
AUDIT_FILE, XML = "auditfile", "text/xml"
TYPES = frozenset({AUDIT_FILE, "brugstaat", "export_ledger_account_report"})
VERSION = "3.2"
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class _Download:
    number: int
    company: int
    name: str
    made: int
    content: bytes = field(repr=False)
    downloaded: bool = False


class Downloads:
    """The files of all administrations."""

    def __init__(self, administrations: Administrations, ledger: Ledger) -> None:
        self._administrations = administrations
        self._ledger = ledger
        self._files: dict[int, _Download] = {}
        self._links: dict[str, tuple[int, datetime]] = {}

    def export(self, company: Company, document: object) -> None:
        """Make the audit file of a year.

        Raises:
            Refused: There is nothing in the year, an account has no code of its own, or what is asked for
                is no year or another version of the format.
        """
        asked = document if isinstance(document, dict) else {}
        year = asked.get("year")
        if year is None:
            raise Refused(400, "year is missing")
        if not re.fullmatch(r"[0-9]{4}", str(year)):
            raise Refused(400, "year is invalid")
        if asked.get("version", VERSION) != VERSION:
            raise Refused(400, "version does not have a valid value")
        self._checked(company, int(str(year)))
        content = audit_file(self._administrations, company, self._ledger.began(company), int(str(year)))
        number = len(self._files) + 1
        made = self._administrations.books.clock.microseconds()
        self._files[number] = _Download(number, company.id, f"auditfile-{year}.xaf", made, content)

    def rows(self, company: Company, request: Request) -> list[Row]:
        """The list, the newest first, as far as it is asked for.

        Raises:
            Refused: There is no such type of files.
        """
        kind = request.query.get("download_type", AUDIT_FILE)
        if kind not in TYPES:
            raise Refused(400, "download_type does not have a valid value")
        downloaded = FLAGS.get(request.query.get("downloaded", ""))
        found = (
            each
            for each in self._files.values()
            if each.company == company.id and kind == AUDIT_FILE and downloaded in (None, each.downloaded)
        )
        return [_row(each) for each in found if request.query.get("failed") != "true"][::-1]

    def link(self, company: Company, text: str, address: str) -> Answer:
        """The way to a file.

        Raises:
            Refused: There is no such file.
        """
        number = number_of("download", text)
        held = self._files.get(number or 0)
        if held is None or held.company != company.id:
            raise Refused(404, "Record not found for model name: Download")
        self._files[held.number] = replace(held, downloaded=True)
        key = secrets.token_urlsafe(24)
        self._links[key] = (held.number, self._administrations.books.clock.now() + LINK_LIFE)
        told = Answer.text('{"message":"Use the Location header to download the file"}', "text/plain", 302)
        return replace(told, headers={**told.headers, "Location": f"{address}{FILES}{key}"})

    def fetch(self, key: str) -> Answer:
        """A file by its link, which needs no token."""
        number, ends = self._links.get(key, (0, None))
        if ends is None or self._administrations.books.clock.now() >= ends:
            return Answer.text("This link has expired", "text/plain", 403)
        held = self._files[number]
        headers = {"Content-Type": XML, "Content-Disposition": f'attachment; filename="{held.name}"'}
        return Answer(200, held.content, headers)

    def _checked(self, company: Company, year: int) -> None:
        codes = Counter(account.code for account in accounts_of(self._administrations, company))
        if codes[""] or any(count > 1 for count in codes.values()):
            raise Refused(400, "Missing or duplicate account IDs", base="missing_or_duplicate_account_ids")
        months = self._ledger.booked(company).lines
        if not any(month // MONTHS_A_YEAR == year for month in months):
            raise Refused(400, "Period contains no journal entries", period="contains_no_journal_entries")


def _row(download: _Download) -> Row:
    return {
        "id": identifier("download", download.number),
        "user_id": identifier("user", 1),
        "download_type": AUDIT_FILE,
        "filename": download.name,
        "content_type": XML,
        "failed": False,
        "downloaded": download.downloaded,
        "created_at": moment(download.made),
        "updated_at": moment(download.made),
    }
