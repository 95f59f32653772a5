"""What is wrong with choices, all of it at once, before any is stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.ledger.limits import LONGEST_AXIS_CODE, LONGEST_CODE, LONGEST_NAME, too_long
from monitr_pipelines.ledger.mapping.lines import Line, Lines
from monitr_pipelines.ledger.mapping.placing import Choice, Choices, Given, Placing, changed
from monitr_pipelines.ledger.sentences import Sentence, sentence


@dataclass(frozen=True)
class Known:
    """An account of the books.

    `told`: the statement that it belongs to as its source says, None where that says nothing. `type`: the one
    that it belongs to while nobody places it.
    """

    code: str
    name: str
    told: str | None
    type: str


@dataclass(frozen=True)
class Grounds:
    """What choices are judged by: the structure, the accounts of the books, and the primary axis, or ''."""

    lines: Lines
    accounts: Mapping[str, Known]
    axis: str


def problems(given: Iterable[Given], grounds: Grounds, kept: Choices) -> list[Finding]:
    """What is wrong with what someone wants, in its order; nothing where all of it can be stored.

    `kept`: the choices that there are, as far as they stay.
    """
    every = list(given)
    choices = changed(kept, every)
    found: list[Finding] = []
    seen: set[Placing] = set()
    for each in every:
        if each.placing in seen:
            told = [sentence("mapping_twice", account=named(each.placing))]
        else:
            told = list(_problems_of(each, choices, grounds))
        seen.add(each.placing)
        found += [Finding(one.kind, one, line=each.row) for one in told]
    return found


def named(placing: Placing) -> str:
    """A placing as people read it."""
    return f"{placing.account} · {placing.value}" if placing.value else placing.account


def _problems_of(each: Given, choices: Choices, grounds: Grounds) -> Iterator[Sentence]:
    placing, choice = each.placing, each.choice
    if not placing.account:
        yield sentence("mapping_no_account")
        return
    if placing.value and (not grounds.axis or placing.axis != grounds.axis):
        yield sentence("mapping_no_axis", account=placing.account)
    yield from _unfit(placing, choice)
    if choice is None:
        return
    line = grounds.lines.get(choice.line)
    if line is None:
        yield sentence("mapping_no_line", line=choice.line)
    elif not line.is_leaf:
        yield sentence("mapping_no_leaf", line=line.line)
    elif _statement_of(placing, choices, grounds) not in (None, line.statement):
        yield sentence("mapping_other_statement", account=placing.account, line=line.line)


def _unfit(placing: Placing, choice: Choice | None) -> Iterator[Sentence]:
    """Texts that the database cannot keep."""
    texts = (
        ("account_code", placing.account, LONGEST_CODE),
        ("axis value", placing.value, LONGEST_AXIS_CODE),
        ("comment", choice.comment if choice else "", LONGEST_NAME),
    )
    for name, text, longest in texts:
        found = too_long(name, text, longest)
        if found:
            yield found.message
        elif "\0" in text:
            yield sentence("mapping_unfit", account=placing.account.replace("\0", ""))


def _statement_of(placing: Placing, choices: Choices, grounds: Grounds) -> str | None:
    """The statement that a placing is bound to; None where it may be either.

    A value follows its account: where the source does not tell, the choice of the account does.
    """
    account = grounds.accounts.get(placing.account)
    if account is not None and account.told:
        return account.told
    if not placing.value:
        return None
    whole = choices.get(Placing(placing.account))
    line: Line | None = grounds.lines.get(whole.line) if whole else None
    if line is not None:
        return line.statement
    return account.type if account else None
