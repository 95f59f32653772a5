"""Who may ask: the access key, sessions that end, domains, and calls a day."""

import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from monitr_pipelines.emulators.shared.books import SharedBooks
from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.yuki.envelopes import SoapFault
from monitr_pipelines.emulators.yuki.forms import ZONE, guid, number_of

LIFE = timedelta(hours=24)
INVALID_KEY, INVALID_SESSION = "Invalid access key", "Invalid session ID"
NO_RIGHTS = "The access key has no rights to this administration"
OTHER_DOMAIN = "The administration is not in the current domain of the session"
NO_DOMAIN = "Invalid domain ID"
LIMIT, LIMIT_DETAIL = "Daily limit exceeded", "Every domain has {} free webservice calls a day."
ONLY_DOMAIN = 1


@dataclass
class Session:
    """What a key was given: `domain` is the number of its current one."""

    id: str
    ends: datetime
    domain: int


@dataclass
class Access:
    """What the one key of the emulator opens; tests change it while the server runs.

    Args:
        books: Whose administrations.
        key: The access key.
        calls_a_day: Of a domain.
        portal: Whether each administration is in a domain of its own.
        empty: Whether a wrong key has an answer without a session in place of a fault.
        refused: Services that are refused, with the sentence of the fault: rights, bundles, inactive domains.
    """

    books: SharedBooks
    key: str
    calls_a_day: int
    portal: bool = False
    empty: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    _sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    _calls: dict[tuple[int, date], int] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def open(self, key: str) -> Session | None:
        """A new session, None where a wrong key is to have an empty answer.

        Raises:
            SoapFault: The key is wrong, or the domain had its calls.
        """
        if key != self.key:
            if self.empty:
                return None
            raise SoapFault(INVALID_KEY)
        first = min(self.domains(), default=ONLY_DOMAIN)
        self._count(first)
        session = Session(str(uuid4()), self.books.clock.now() + LIFE, first)
        with self._lock:
            self._sessions[session.id] = session
        return session

    def session(self, key: str) -> Session:
        """The session of a call, which counts.

        Raises:
            SoapFault: There is none, it ended, or its domain had its calls.
        """
        with self._lock:
            session = self._sessions.get(key)
        if session is None or self.books.clock.now() >= session.ends:
            raise SoapFault(INVALID_SESSION)
        self._count(session.domain)
        return session

    def end_sessions(self) -> None:
        """All sessions end at once, as if they were closed."""
        with self._lock:
            self._sessions.clear()

    def domains(self) -> dict[int, str]:
        """The names of the domains that the key opens, by number."""
        reachable = self.reachable()
        if self.portal:
            return {company.id: company.name for company in reachable}
        return {ONLY_DOMAIN: reachable[0].name} if reachable else {}

    def domain_of(self, company: Company) -> int:
        """The number of an administration's domain."""
        return company.id if self.portal else ONLY_DOMAIN

    def enter(self, session: Session, key: str) -> None:
        """Make a domain the current one of a session.

        Raises:
            SoapFault: The key opens no such domain.
        """
        number = number_of("domain", key)
        if number not in self.domains():
            raise SoapFault(NO_DOMAIN)
        session.domain = number or ONLY_DOMAIN

    def reachable(self) -> list[Company]:
        """The administrations that the key opens."""
        return [company for company in self.books.companies.values() if company.reachable]

    def administration(self, session: Session, key: str) -> Company:
        """The administration of a key.

        Raises:
            SoapFault: There is none, the access key has no rights to it, or it is in another domain.
        """
        company = self.books.companies.get(number_of("administration", key) or 0)
        if company is None or not company.reachable:
            raise SoapFault(NO_RIGHTS)
        if self.domain_of(company) != session.domain:
            raise SoapFault(OTHER_DOMAIN)
        return company

    def _count(self, domain: int) -> None:
        today = self.books.clock.now().astimezone(ZONE).date()
        with self._lock:
            made = self._calls.get((domain, today), 0)
            if made >= self.calls_a_day:
                raise SoapFault(LIMIT, LIMIT_DETAIL.format(self.calls_a_day))
            self._calls[domain, today] = made + 1


def domain_key(number: int) -> str:
    """The key of a domain."""
    return guid("domain", number)
