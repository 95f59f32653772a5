"""Operations, parameters, limits and fields are those of the specification, which is read in place."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from common_kit import reference
from octopus_server_kit import (
    BEGINNING,
    FIRST,
    SPECIFICATION,
    Client,
    fresh_books,
    octopus_server,
    specification,
)

from monitr_pipelines.emulators.shared.bookkeeper import Bookkeeper

IN_DOSSIER = "/dossiers/{dossierId}/"
BOOKINGS = f"{IN_DOSSIER}bookyears/{{bookyearId}}/bookings/modified"
QUESTIONS: dict[str, dict[str, object]] = {
    f"{IN_DOSSIER}bookyears": {},
    f"{IN_DOSSIER}bookyears/{{bookyearId}}/journals": {},
    BOOKINGS: {"journalTypeId": 2, "modifiedTimeStamp": BEGINNING},
    f"{IN_DOSSIER}accounts": {"bookyearId": 25},
    f"{IN_DOSSIER}accounts/modified": {"modifiedTimeStamp": BEGINNING},
    f"{IN_DOSSIER}accounts/amounts/modified": {},
    f"{IN_DOSSIER}costcentres": {},
    f"{IN_DOSSIER}costcentres/active": {},
}
SHOWN_ELSEWHERE = {
    f"{IN_DOSSIER}buysellbookings/modified",
    f"{IN_DOSSIER}financialdiversbookings/modified",
}
# What the subset does not have of the maker's own document.
LIMITS = {f"{IN_DOSSIER}bookyears": 24, f"{IN_DOSSIER}bookyears/{{bookyearId}}/journals": 24}
SAMPLES = {
    "200_accounts.json": f"{IN_DOSSIER}accounts",
    "200_bookyears.json": f"{IN_DOSSIER}bookyears",
}


def declared() -> dict[str, Any]:
    reference(SPECIFICATION)
    return dict(specification()["paths"])


def asked(client: Client, path: str, query: dict[str, object]) -> Any:  # noqa: ANN401 - a reply
    return client.get(path.removeprefix(IN_DOSSIER).replace("{bookyearId}", "25"), **query)


def test_the_operations_are_those_of_the_specification() -> None:
    below = {path for path in declared() if path.startswith(IN_DOSSIER)}
    assert below == set(QUESTIONS) | SHOWN_ELSEWHERE


@pytest.fixture
def client() -> Iterator[Client]:
    with octopus_server(fresh_books()) as client:
        yield client


def test_needed_parameters_are_needed_and_others_unknown(client: Client) -> None:
    paths, references = declared(), specification()["components"]["parameters"]
    for path, query in QUESTIONS.items():
        listed = paths[path]["get"]["parameters"]
        known = [references[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in listed]
        needed = {each["name"] for each in known if each["in"] == "query" and each.get("required")}
        assert needed == set(query)
        assert asked(client, path, query).status == 200
        for name in needed:
            refused = asked(client, path, {other: value for other, value in query.items() if other != name})
            assert (refused.status, refused.told) == (400, "Invalid or missing parameters passed")
        assert asked(client, path, query | {"modifiedSince": "x"}).status == 400
        named = path.format(dossierId=FIRST, bookyearId=25)
        assert client.ask("GET", named, params=query).status == 400, "the header is needed too"


def test_calls_a_day_are_those_of_the_specification(client: Client) -> None:
    paths = declared()
    client.emulator.limits.calls = None
    for path, query in QUESTIONS.items():
        calls = paths[path]["get"].get("x-max-calls-per-day") or LIMITS[path]
        few = query | ({"modifiedTimeStamp": client.now()} if path.endswith("modified") else {})
        statuses = [asked(client, path, few).status for _ in range(calls + 1)]
        assert statuses[-2] in (200, 404)
        assert [status == 429 for status in statuses] == [False] * calls + [True], path


@pytest.mark.parametrize("method", ["get", "post"])
def test_connects_a_day_are_too(client: Client, method: str) -> None:
    calls = declared()["/dossiers"][method]["x-max-calls-per-day"]
    client.emulator.limits.calls = None
    client.books.clock.advance(timedelta(days=1))
    client.token = client.authenticate().document["token"]
    query = {"dossierId": FIRST} if method == "post" else {}
    headers = {"Token": client.token}
    statuses = [
        client.ask(method.upper(), "/dossiers", params=query, headers=headers).status
        for _ in range(calls + 1)
    ]
    assert statuses == [200] * calls + [429]


@pytest.mark.parametrize("name", SAMPLES)
def test_rows_have_the_fields_of_recorded_ones(client: Client, name: str) -> None:
    (recorded,) = json.loads(reference("specs/octopus/shape_samples", name).read_text(encoding="utf-8"))
    rows = asked(client, SAMPLES[name], QUESTIONS[SAMPLES[name]]).document
    for row in rows:
        assert set(recorded) <= set(row)
        assert list(row) == sorted(row)


def test_every_field_of_a_line_is_told_of_some_line_but_those_of_tax(client: Client) -> None:
    reference(SPECIFICATION)
    schemas = specification()["components"]["schemas"]
    told = {name for row in client.everything() for name in row}
    absent = {"vatSectionCode", "vatRecuperationPercentage"}
    assert set(schemas["BookingReportData"]["properties"]) - told == absent
    before = client.now()
    Bookkeeper(client.books).delete(next(iter(client.books.company_entries(1))).id)
    (gone,) = client.changes(before)[1]
    assert set(gone) == set(schemas["DocumentKey"]["properties"])
