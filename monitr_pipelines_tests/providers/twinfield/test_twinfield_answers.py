"""Signing in to Twinfield, servers that answer elsewhere, tokens that end, and answers that say no."""

import logging
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from twinfield_kit import (
    APPLICATION,
    BROWSED,
    CANARY,
    OFFICE,
    Twinfield,
    browse,
    fault,
    inner,
    queried,
    row,
    soap,
)

from monitr_pipelines.lifecycle.errors import (
    EntityGone,
    ImportProblem,
    InconsistentData,
    OurFault,
    ReconnectNeeded,
)
from monitr_pipelines.providers.contract import Administration, Consent, Credentials
from monitr_pipelines.providers.transport import Reply
from monitr_pipelines.providers.twinfield import PROVIDER
from monitr_pipelines.providers.twinfield.datasets import TOTALS
from monitr_pipelines.providers.twinfield.faults import refusal
from monitr_pipelines.providers.twinfield.sign_in import OAUTH, cluster_of, login_of

ALL = "030_3 1900/00 2099/55"


def test_people_sign_in_on_twinfields_own_page() -> None:
    parts = urlsplit(
        OAUTH.page(Consent(APPLICATION, "https://monitr.example/back", "st", "v", Credentials({})))
    )
    assert parts.hostname == "login.twinfield.com"
    assert "offline_access" in parse_qs(parts.query)["scope"][0].split()
    assert PROVIDER.preview


@pytest.mark.parametrize("url", ["https://login.twinfield.com", "http://10.0.0.1", "file:///etc"])
def test_our_secret_goes_to_twinfield_or_stays_on_this_machine(url: str) -> None:
    with pytest.raises(ReconnectNeeded):
        login_of({"url": url})


@pytest.mark.parametrize(
    "told",
    [
        "http://accounting.twinfield.com",
        "https://twinfield.com.elsewhere.example",
        "https://faketwinfield.com",
        "http://127.0.0.1:80",
        None,
    ],
)
def test_a_token_goes_to_servers_of_twinfield_alone(told: str | None) -> None:
    with pytest.raises(ReconnectNeeded):
        cluster_of({"twf.clusterUrl": told}, {})


def test_servers_are_those_that_the_answer_about_the_token_names() -> None:
    told = {"twf.clusterUrl": "https://api.accounting2.twinfield.com/"}
    assert cluster_of(told, {}) == "https://api.accounting2.twinfield.com"


def test_offices_are_listed_without_one(twinfield: Twinfield) -> None:
    assert twinfield.source(None).administrations() == [Administration(OFFICE, "Peeters", "EUR", None)]
    assert b"CompanyCode" not in twinfield.sent[0]


def test_an_office_is_told_with_its_year(twinfield: Twinfield) -> None:
    assert twinfield.source().administrations() == [Administration(OFFICE, "Peeters", "EUR", 1)]


def test_an_office_that_is_not_shown_is_gone(twinfield: Twinfield) -> None:
    with pytest.raises(EntityGone):
        twinfield.source("elsewhere").check()


def test_a_token_that_ends_is_renewed_and_the_same_is_asked_again(
    twinfield: Twinfield, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    twinfield.rows = [row()]
    source = twinfield.source()
    source.check()
    twinfield.token = f"{CANARY}-another"
    (_, *items) = source.transactions(None)
    assert items
    assert twinfield.renewals == 1
    assert twinfield.asked.count("validation") == 2
    assert [name for name in twinfield.asked if name == "BAS"] == ["BAS", "BAS"]
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("code", "status", "problem", "message"),
    [
        (102, 403, ReconnectNeeded, "software_refuses"),
        (105, 403, ReconnectNeeded, "user_blocked"),
        (106, 403, ReconnectNeeded, "licence_ended"),
        (109, 500, EntityGone, "administration_hidden"),
        (187, 500, OurFault, "question_refused"),
        (351, 401, ReconnectNeeded, "permission_missing"),
    ],
)
def test_faults_say_who_must_act(code: int, status: int, problem: type[ImportProblem], message: str) -> None:
    told = refusal(Reply(status, {}, fault(code).encode()))
    assert type(told) is problem
    assert told.messages[0].kind == message


def test_a_fault_that_is_of_the_server_alone_means_nothing_more() -> None:
    assert refusal(Reply(500, {}, fault(100).encode())) is None


def answered(told: str) -> Callable[[], tuple[int, str]]:
    return lambda: (200, told)


SHORT = browse([row()], BROWSED).replace('total="1"', 'total="2"')
REFUSED = inner('<columns code="030_3"><column result="0" msgtype="error" msg="Wrong."/></columns>')


@pytest.mark.parametrize(
    ("name", "told", "problem"),
    [
        (ALL, SHORT, InconsistentData),
        (ALL, browse([row()], BROWSED, office="other"), InconsistentData),
        (ALL, browse([row()], [each for each in BROWSED if "dim1" not in each]), OurFault),
        (ALL, browse([row(period="99")], BROWSED), OurFault),
        (ALL, REFUSED, OurFault),
        (ALL, inner("<other/>"), OurFault),
        ("040_1 1900/00 2099/55", browse([row(year="1800")], TOTALS.fields, keyed=False), InconsistentData),
        ("BAS", soap("<SearchResult><MessageOfErrorCodes/></SearchResult>"), OurFault),
        ("BAS", soap("<data><TotalRows>3</TotalRows><Items/></data>"), InconsistentData),
        ("BAS", soap("<data><TotalRows>many</TotalRows></data>"), OurFault),
        ("office NL-1 & 2", inner('<office result="1"><code>other</code></office>'), OurFault),
    ],
)
def test_answers_that_make_no_sense_are_errors(
    twinfield: Twinfield, name: str, told: str, problem: type[ImportProblem]
) -> None:
    twinfield.answers[name] = answered(told)
    with pytest.raises(problem) as raised:
        twinfield.read()
    assert name in twinfield.asked
    assert type(raised.value) is problem


def test_a_user_who_sees_no_accounts_may_not_see_the_books(twinfield: Twinfield) -> None:
    twinfield.dimensions = {}
    with pytest.raises(EntityGone):
        twinfield.read()


def test_rows_of_another_period_than_was_asked_for_are_refused(twinfield: Twinfield) -> None:
    twinfield.rows = [row(1, period="1"), row(2)]
    twinfield.answers["030_3 2026/02 2099/55"] = answered(browse(twinfield.rows[:1], BROWSED))
    with pytest.raises(InconsistentData):
        twinfield.read()


@pytest.mark.parametrize("deleted", [("", "2026-03-15T13:00:00"), ("5", "yesterday")])
def test_deletions_without_a_number_or_a_day_are_refused(
    twinfield: Twinfield, deleted: tuple[str, str]
) -> None:
    twinfield.deleted = [deleted]
    with pytest.raises(OurFault):
        twinfield.read({"began_at": "2026-03-15T12:00:00+00:00", "whole_at": "2026-03-15T12:00:00+00:00"})


def test_a_query_without_a_result_is_refused(twinfield: Twinfield) -> None:
    twinfield.answers["GetYears"] = answered(queried("").replace("Result", "Other"))
    with pytest.raises(OurFault):
        twinfield.source().administrations()
