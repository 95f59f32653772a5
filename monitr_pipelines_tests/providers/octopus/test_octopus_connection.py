"""Connecting to Octopus: tokens that live for ten minutes, what is refused, and calls that are counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from octopus_kit import APPLICATION, CANARY, DOSSIER, Octopus, end_of

from monitr_pipelines.lifecycle.errors import ApplicationRefused, EntityGone, ProviderDown, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Credentials, Ports, RateLimit
from monitr_pipelines.providers.octopus import PROVIDER, sign_in
from monitr_pipelines.providers.octopus.source import OctopusSource
from monitr_pipelines_tests.providers.http_kit import FixedTokens

CONNECTED = ["/authentication", "/dossiers"]


def connects(octopus: Octopus) -> list[str]:
    return [path for path in octopus.paths() if path in CONNECTED]


def test_one_sign_in_is_good_for_a_whole_import(octopus: Octopus) -> None:
    octopus.book()
    source = octopus.source()
    source.check()
    list(source.transactions(None))
    assert connects(octopus) == CONNECTED


def test_dossiers_of_a_user(octopus: Octopus) -> None:
    source = octopus.source(None)
    source.check()
    assert [(each.id, each.name, each.currency) for each in source.administrations()] == [
        ("77", "Peeters NV", "EUR"),
        ("78", "Janssens", "EUR"),
    ]
    assert octopus.paths() == CONNECTED
    (own,) = octopus.source().administrations()
    assert (own.id, own.fiscal_year_start) == ("77", 1)
    with pytest.raises(EntityGone):
        octopus.source("79").administrations()


def test_a_token_that_ended_is_renewed_and_the_same_asked_again(octopus: Octopus) -> None:
    octopus.book()
    ended: list[str] = []

    def end(path: str) -> None:
        if path.endswith("2/bookings/modified") and not ended:
            ended.append(path)
            octopus.given += 1

    octopus.before = end
    assert end_of(octopus.read())
    paths = octopus.paths()
    place = paths.index("bookyears/2/bookings/modified")
    assert paths[place:][:4] == [paths[place], *CONNECTED, paths[place]]
    assert paths.count("bookyears/2/bookings/modified") == 5


def test_a_token_is_renewed_before_it_ends(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    source = octopus.source()
    source.check()

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=9)

    monkeypatch.setattr(sign_in, "datetime", Later)
    source.administrations()
    asked = [(method, path) for method, path, _ in octopus.asked[2:]]
    connected = [("POST", "/authentication"), ("GET", "/dossiers"), ("POST", "/dossiers")]
    assert asked == [*connected, ("GET", f"/dossiers/{DOSSIER}/bookyears")]
    source.check()
    assert len(octopus.asked) == 6


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/authentication", 401, ReconnectNeeded),
        ("/dossiers", 401, ReconnectNeeded),
        ("/dossiers", 403, EntityGone),
        ("/dossiers", 404, EntityGone),
    ],
)
def test_what_is_refused_is_not_asked_again(
    octopus: Octopus, path: str, status: int, problem: type[Exception]
) -> None:
    octopus.before = lambda asked: (status, {"technicalInfo": CANARY}) if asked == path else None
    with pytest.raises(problem) as refused:
        octopus.source().check()
    assert octopus.paths().count(path) == 1
    assert CANARY not in f"{refused.value!r} {refused.value} {refused.value.detail}"  # type: ignore[attr-defined]


def test_a_dossier_is_a_number(octopus: Octopus) -> None:
    with pytest.raises(EntityGone):
        octopus.source("77/../78")


def test_nobody_signs_in_without_a_software_house_number(octopus: Octopus) -> None:
    ports = Ports(FixedTokens(Credentials({"user": "a", "password": "b"})), octopus.limits, None)
    with pytest.raises(ApplicationRefused):
        OctopusSource(None, ports)


@pytest.mark.parametrize("url", ["https://example.com", "octopus", "http://10.0.0.1"])
def test_the_number_goes_nowhere_but_to_octopus_and_this_machine(octopus: Octopus, url: str) -> None:
    with pytest.raises(ReconnectNeeded):
        octopus.source(url=url)
    assert sign_in.ADDRESS == "https://service.inaras.be"
    assert APPLICATION.id not in str(octopus.asked)


def test_every_call_is_counted_where_octopus_counts_it(octopus: Octopus) -> None:
    octopus.book()
    cursor = end_of(octopus.read()).cursor
    counted = [limit for limits in octopus.limits.acquired for limit in limits]
    names = [limit.name for limit in counted]
    assert names.count("connect") == 1
    assert names.count("bookings/modified 77") == 8
    assert names.count("accounts/modified 77") == 1
    assert names.count("accounts/amounts/modified 77") == 2
    assert {limit.calls for limit in counted if limit.name == "costcentres 77"} == {2}
    octopus.limits.acquired.clear()
    octopus.read(cursor)
    counted = [limit for limits in octopus.limits.acquired for limit in limits]
    assert {limit.calls for limit in counted if limit.name == "costcentres 77"} == {1}
    assert {limit.name.removesuffix(" 77") for limit in counted} <= {limit.name for limit in PROVIDER.limits}


def test_cost_centres_keep_their_names_when_no_more_calls_are_allowed(octopus: Octopus) -> None:
    octopus.book()
    cursor = end_of(octopus.read()).cursor
    octopus.centres = {3: "South"}
    octopus.book(document=2, costCentreKey={"id": 4})
    used_up = octopus.limits

    class UsedUp(type(used_up)):  # type: ignore[misc]
        def acquire(self, limits: tuple[RateLimit, ...]) -> None:
            if any(limit.name.startswith("costcentres") for limit in limits):
                raise ProviderDown(Message("allowance_used"))

    octopus.limits = UsedUp()
    source = octopus.source()
    (*_, end) = list(source.transactions(cursor))
    assert {(value.code, value.name) for value in source.axes()} == {("3", "North"), ("4", "4")}
    octopus.book(document=1)
    source = octopus.source()
    (*_, end) = list(source.transactions(end.cursor))
    assert {value.code for value in source.axes()} == {"3", "4"}
    octopus.limits = replace(used_up)
    source = octopus.source()
    list(source.transactions(end.cursor))
    assert {(value.code, value.name) for value in source.axes()} == {("3", "South"), ("4", "4")}
