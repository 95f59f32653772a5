"""The operations: on which service each is, what it is given, and what answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.yuki.access import Access, Session
from monitr_pipelines.emulators.yuki.answers import Answers, Values
from monitr_pipelines.emulators.yuki.envelopes import CANNOT_READ, SoapFault
from monitr_pipelines.emulators.yuki.forms import (
    Reader,
    one_of,
    read_mode,
    read_moment,
    read_number,
    read_text,
)
from monitr_pipelines.emulators.yuki.general import administrations, companies, current_domain, domains

Parameters = dict[str, Reader]
SERVICES = ("Accounting", "AccountingInfo", "ChangeDigest", "Domains", "Projects", "Sales")
EVERY, INFO = "", "AccountingInfo"
SESSION: Parameters = {"sessionID": read_text}
ACCOUNT: Parameters = {"GLAccountCode": read_text}
DATES: Parameters = {"StartDate": read_moment, "EndDate": read_moment}
MODE: Parameters = {"financialMode": read_mode}
AT: Parameters = {"transactionDate": read_moment}
SEARCH: Parameters = {
    "searchOption": one_of("All", "Company", "Code", "Description"),
    "searchValue": read_text,
}
PAGE: Parameters = {
    "startDate": read_moment,
    "endDate": read_moment,
    "numberOfRecords": read_number,
    "startRecord": read_number,
}


@dataclass(frozen=True)
class Operation:
    """What can be asked of a service, or of every one; it answers the XML of its result, None for none."""

    service: str
    parameters: Parameters
    answer: Callable[[Session, Values], str | None]

    def read(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """What was given, by name.

        Raises:
            SoapFault: Something is missing, unknown, or not of its type.
        """
        if wrong := set(texts) ^ set(self.parameters):
            raise SoapFault(f"{CANNOT_READ}{min(wrong)} is missing or was not expected.")
        try:
            return {name: read(texts[name]) for name, read in self.parameters.items()}
        except ValueError as problem:
            raise SoapFault(f"{CANNOT_READ}There is an error in XML document. ---> {problem}") from problem


def general(access: Access) -> dict[str, Operation]:
    """What every service has, but for signing in: domains, and the administrations of a key."""

    def enter(session: Session, values: Values) -> None:
        access.enter(session, values["domainID"])

    return {
        "Domains": Operation(EVERY, SESSION, lambda *_: domains(access)),
        "Administrations": Operation(EVERY, SESSION, lambda *_: administrations(access)),
        "Companies": Operation(EVERY, SESSION, lambda *_: companies(access)),
        "GetCurrentDomain": Operation(EVERY, SESSION, lambda session, _: current_domain(access, session)),
        "SetCurrentDomain": Operation(EVERY, SESSION | {"domainID": read_text}, enter),
    }


def of_administrations(access: Access, answers: Answers) -> dict[str, Operation]:
    """What is asked of one administration."""

    def of(service: str, parameters: Parameters, answer: Callable[[Company, Values], str]) -> Operation:
        def answered(session: Session, values: Values) -> str:
            return answer(access.administration(session, values["administrationID"]), values)

        return Operation(service, SESSION | {"administrationID": read_text} | parameters, answered)

    year: Parameters = {"bookyear": read_number} | MODE
    project: Parameters = ACCOUNT | {"projectCode": read_text} | DATES
    return {
        "GLAccountBalance": of("Accounting", AT, answers.balances),
        "GLAccountBalanceFiscal": of("Accounting", AT, answers.fiscal_balances),
        "GetGLAccountScheme": of(INFO, {}, answers.scheme),
        "GetTransactionDetails": of(INFO, ACCOUNT | DATES | MODE, answers.details),
        "GetStartBalanceByGlAccount": of(INFO, year, answers.start_balances),
        "GetFinancialYearModifiedDate": of(INFO, {"yearID": read_number}, answers.year_changed),
        "GetPeriodDateTable": of(INFO, {"yearID": read_number}, answers.period),
        "GetProjects": of(INFO, SEARCH, answers.projects),
        "GetProjectsAndID": of(INFO, SEARCH, answers.projects_and_id),
        "GetProjectBalance": of(INFO, project, answers.project_balances),
        "GetUpdatedAndDeletedTransactions": of("ChangeDigest", PAGE, answers.changes),
        "GetTransactionDetail": of("ChangeDigest", {"transactionID": read_text}, answers.detail),
    }
