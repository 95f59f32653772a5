"""Codes of accounts that spreadsheets spoil: compared within a file and with what is stored of the entity."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from monitr_pipelines.files.reading.headers import listed
from monitr_pipelines.files.reading.printed.spoiled import NUMBER_REFUSED, whole_number
from monitr_pipelines.files.reading.problems import NeedsAnswer, Question, ask
from monitr_pipelines.ledger.findings import Finding, Severity
from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.ledger.sentences import sentence
from monitr_pipelines.lifecycle.messages import Answer, Option


def code_findings(accounts: Mapping[str, Account], stored: Mapping[str, Account]) -> Iterator[Finding]:
    """What is odd about the accounts of a file beside those that are `stored`; in the order of the codes.

    Two codes of which one is the other without its leading zeros are probably one account: spreadsheets drop
    such zeros. An account whose code does not begin with a digit, and of which neither says the type, counts
    as balance sheet: it was stored before that was asked.
    """
    longer = {code.lstrip("0"): code for code in sorted({*stored, *accounts}) if _has_zeros(code)}
    for code in sorted(accounts):
        other = longer.get(code)
        if other is not None:
            same = _named(accounts.get(other) or stored[other]) == _named(accounts[code])
            yield _warning("zeros_lost", code, other, accounts[code], same=same)
        elif _has_zeros(code) and code.lstrip("0") in stored and code.lstrip("0") not in accounts:
            short = stored[code.lstrip("0")]
            same = _named(short) == _named(accounts[code])
            yield _warning("zeros_lost", short.code, code, short, same=same)
    untyped = [code for code in sorted(accounts) if _of_no_type(accounts[code], stored.get(code))]
    if untyped:
        told = sentence("accounts_of_no_type", codes=listed(untyped))
        yield Finding("accounts_of_no_type", told, severity=Severity.WARNING)


def untyped(accounts: Mapping[str, Account]) -> list[str]:
    """The codes of accounts that begin with no digit, and of which the file does not say the statement."""
    return [code for code in sorted(accounts) if _of_no_type(accounts[code], None)]


def ask_types(accounts: Mapping[str, Account], stored: Mapping[str, Account]) -> None:
    """Ask of which statement new accounts are whose code does not tell: NeedsAnswer.

    They would count as balance sheet, and their costs and revenues stand in no result.
    """
    codes = untyped({code: accounts[code] for code in accounts.keys() - stored.keys()})
    if codes:
        ask(
            Question(
                "accounts_untyped",
                {"codes": listed(codes)},
                Answer(Option.ACCOUNT_TYPE, (AccountType.PROFIT_AND_LOSS, AccountType.BALANCE_SHEET)),
            )
        )


def typed(
    accounts: Mapping[str, Account], stored: Mapping[str, Account], said: str | None
) -> Mapping[str, Account]:
    """Accounts, those that nothing types with the type that was `said` of them; NeedsAnswer if it is none."""
    if not said:
        return accounts
    if said not in set(AccountType):
        ask(Question("account_type_unknown", {"value": said}, Answer(Option.ACCOUNT_TYPE)))
    return {
        code: replace(account, type=AccountType(said)) if _of_no_type(account, stored.get(code)) else account
        for code, account in accounts.items()
    }


def ask_lost_zeros(accounts: Mapping[str, Account], stored: Mapping[str, Account]) -> None:
    """Ask of the first account that is new, and is one that is known but for leading zeros: NeedsAnswer.

    Where both codes are stored, or stand in one file, someone chose so before: they are findings.
    """
    longer = {code.lstrip("0"): code for code in sorted(stored) if _has_zeros(code)}
    for short in sorted(accounts.keys() & longer.keys() - stored.keys()):
        known = stored[longer[short]]
        if known.code not in accounts and _named(known) == _named(accounts[short]):
            digits = str(len(known.code))
            ask(
                Question(
                    "zeros_lost",
                    {"short": short, "longer": known.code, "name": known.name, "digits": digits},
                    Answer(Option.CODE_DIGITS, (digits, "0")),
                )
            )


def question_about_numbers(findings: Iterable[Finding], stored: Mapping[str, Account]) -> NeedsAnswer | None:
    """What to ask of a file that is refused for codes that became numbers (400.0) and for nothing else.

    Each must be exactly one account that is known, but for leading zeros, and all must have as many digits;
    else None: nothing tells which accounts they are.
    """
    known: dict[str, list[Account]] = {}
    for account in stored.values():
        known.setdefault(account.code.lstrip("0"), []).append(account)
    meant: dict[str, Account] = {}
    for finding in findings:
        if finding.severity is not Severity.ERROR:
            continue
        if finding.code != NUMBER_REFUSED or finding.sentence is None:
            return None
        code = str(finding.sentence.values["code"]).strip("'")
        number = whole_number(code)
        accounts = known.get(number.lstrip("0"), []) if number else []
        if len(accounts) != 1:
            return None
        meant[code] = accounts[0]
    digits = {len(account.code) for account in meant.values()}
    if len(digits) != 1:
        return None
    code, account = next(iter(meant.items()))
    wanted = str(len(account.code))
    return NeedsAnswer(
        Question(
            "codes_as_numbers",
            {"code": code, "known": account.code, "name": account.name, "digits": wanted},
            Answer(Option.CODE_DIGITS, (wanted,)),
        )
    )


def by_code(accounts: Iterable[Account]) -> dict[str, Account]:
    """Accounts by their code."""
    return {account.code: account for account in accounts}


def _warning(code: str, short: str, longer: str, account: Account, *, same: bool) -> Finding:
    kind = "zeros_lost" if same else "zeros_perhaps_lost"
    told = sentence(kind, short=short, longer=longer, name=account.name, digits=str(len(longer)))
    return Finding(code, told, severity=Severity.WARNING)


def _has_zeros(code: str) -> bool:
    return code.startswith("0") and code.isascii() and code.isdigit() and bool(code.strip("0"))


def _named(account: Account) -> str:
    return " ".join(account.name.casefold().split())


def _of_no_type(account: Account, stored: Account | None) -> bool:
    typed = account.type or (stored and stored.type)
    return not typed and not account.code[:1].isdigit()
