"""Where people place accounts: what is stored, what it does to statements, and what the next import makes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from uuid import uuid4

import pytest

from monitr_pipelines.ledger.mapping.lines import UNMAPPED
from monitr_pipelines.ledger.mapping.placing import Choice, Given, Placing, changed
from monitr_pipelines.ledger.records import Account, AccountType
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.warehouse.mapping import choices
from monitr_pipelines.warehouse.mapping.choices import Unplaceable
from monitr_pipelines.warehouse.mapping.effects import effect_of
from monitr_pipelines.warehouse.mapping.reading import (
    placed_accounts,
    read_accounts,
    read_mapping,
    read_values,
)
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.warehouse.warehouse_kit import (
    ACCOUNTS,
    BANK,
    COSTS,
    SALES,
    booking,
    id_of,
    last_import,
    load,
    report,
    whole,
)

ODD, TOLD, NEW = "990000", "991000", "992000"
NAMED = ACCOUNTS | {
    ODD: Account(ODD, "Of no class"),
    TOLD: Account(TOLD, "Told as profit and loss", AccountType.PROFIT_AND_LOSS),
    NEW: Account(NEW, "Comes later"),
}
BOOKS = [
    *booking("S1", "2025-01", (BANK, 100), (SALES, -100), axes=(("cost", "1"),)),
    *booking("S2", "2025-02", (BANK, 50), (SALES, -50), axes=(("cost", "2"),)),
    *booking("O1", "2025-02", (ODD, 70), (BANK, -70)),
    *booking("T1", "2025-02", (TOLD, 30), (BANK, -30), axes=(("cost", "1"),)),
    *booking("C1", "2025-02", (COSTS, 10), (BANK, -10)),
]


@pytest.fixture
def entity(connection: Connection, make_entity: Callable[..., str]) -> str:
    key = make_entity()
    connection.execute("update app.entity set primary_axis = 'cost' where key = %s", [key])
    load(connection, key, whole(BOOKS, accounts=NAMED))
    return key


def given(places: Mapping[str, str | None], **comments: str) -> list[Given]:
    """Choices by account, or by account and value with a colon between."""
    found = []
    for name, line in places.items():
        account, _, value = name.partition(":")
        choice = Choice(line, comments.get(account, "")) if line else None
        found.append(Given(Placing(account, "cost" if value else "", value), choice))
    return found


def stored(connection: Connection, entity: str) -> dict[str, str]:
    found = read_mapping(connection, entity).choices
    return {":".join(filter(None, (p.account, p.value))): choice.line for p, choice in found.items()}


def refused(connection: Connection, entity: str, places: Mapping[str, str | None]) -> list[str]:
    with pytest.raises(Unplaceable) as problem:
        choices.save(connection, entity, given(places), "An")
    return [found.code for found in problem.value.findings]


def statements(connection: Connection, entity: str) -> dict[str, Decimal]:
    """What the lines of both statements say of the last month; profit and loss since the year's start."""
    result = report(connection, entity, "profit_and_loss", "2025-02")
    balance = report(connection, entity, "balance_sheet", "2025-02")
    return {line: row["year_to_date"] for line, row in result.items() if row["year_to_date"]} | {
        line: row["amount"] for line, row in balance.items() if row["amount"]
    }


def test_accounts_stand_where_a_choice_the_structure_or_nothing_puts_them(
    connection: Connection, entity: str
) -> None:
    choices.save(connection, entity, given({SALES: "74", "700999": "70"}, **{SALES: "rent"}), "An")
    found = {each.placed.code: each for each in read_accounts(connection, read_mapping(connection, entity))}
    assert found[SALES].is_chosen
    assert (found[SALES].placed.line, found[SALES].choice) == ("74", Choice("74", "rent"))
    assert (found[COSTS].placed.line, found[COSTS].is_chosen, found[COSTS].amount) == ("61", False, 10)
    assert (found[ODD].placed.is_unmapped, found[ODD].placed.type) == (True, "balance_sheet")
    assert (found[TOLD].placed.line, found[TOLD].amount) == (f"{UNMAPPED}profit_and_loss", 30)
    assert (found["700999"].in_books, found["700999"].amount) == (False, 0)
    assert "(result)" not in found


def test_given_choices_place_accounts_as_stored_ones_do(connection: Connection, entity: str) -> None:
    """The statement of imports is asked of choices that nobody stored."""
    mapping = read_mapping(connection, entity)
    wanted = given({ODD: "41", SALES: "74", COSTS: "40", TOLD: "70/76A"})
    asked = placed_accounts(connection, mapping, changed({}, wanted))
    connection.execute(
        "insert into app.chosen_line (entity_id, structure_id, account_code, line) "
        "select %s, %s, code, line from unnest(%s::text[], %s::text[]) as given (code, line)",
        [
            mapping.entity_id,
            mapping.structure_id,
            [each.placing.account for each in wanted],
            [each.choice.line for each in wanted if each.choice],
        ],
    )
    rows = database.run(connection, "reports/account_line", entity_id=mapping.entity_id).fetchall()
    made = {row["account_code"]: (row["type"], row["line"], row["credit_line"]) for row in rows}
    assert {code: (each.type, each.line, each.credit_line) for code, each in asked.items()} == made
    assert asked[ODD].line == "41"
    assert asked[COSTS].type == "balance_sheet"


@pytest.mark.parametrize(
    "places",
    [
        {ODD: "41"},
        {ODD: "74"},
        {TOLD: "61", SALES: "74"},
        {COSTS: "62", ODD: "40"},
    ],
    ids=["unmapped", "to the other statement", "two", "from one to another"],
)
def test_the_effect_is_what_the_next_import_makes(
    connection: Connection, entity: str, places: dict[str, str | None]
) -> None:
    mapping = read_mapping(connection, entity)
    before = statements(connection, entity)
    shifts = effect_of(connection, mapping, changed(mapping.choices, given(places)))
    assert stored(connection, entity) == {}
    choices.save(connection, entity, given(places), "An")
    assert effect_of(connection, read_mapping(connection, entity), changed({}, given(places))) == []
    load(connection, entity, whole(BOOKS, accounts=NAMED))
    after = statements(connection, entity)
    expected = {
        line: (before.get(line, 0), after.get(line, 0))
        for line in {*before, *after}
        if before.get(line, 0) != after.get(line, 0)
    }
    assert expected
    assert {shift.line.line: (shift.before, shift.after) for shift in shifts} == expected


def test_the_effect_of_a_value_is_what_the_account_has_of_it(connection: Connection, entity: str) -> None:
    mapping = read_mapping(connection, entity)
    wanted = changed({}, given({f"{SALES}:1": "74", f"{SALES}:never seen": "71"}))
    shifts = {shift.line.line: shift for shift in effect_of(connection, mapping, wanted)}
    assert {code: (one.before, one.after) for code, one in shifts.items()} == {
        "70": (150, 50),
        "74": (0, 100),
    }
    values = read_values(connection, mapping, [SALES, ODD])
    assert [(each.value, each.name, each.amount) for each in values] == [
        ("1", "cost 1", -100),
        ("2", "cost 2", -50),
    ]


def test_all_is_stored_or_nothing_with_who_did_it(connection: Connection, entity: str) -> None:
    assert refused(connection, entity, {SALES: "74", ODD: "nowhere", TOLD: "41", COSTS: "60/66A"}) == [
        "mapping_no_line",
        "mapping_other_statement",
        "mapping_no_leaf",
    ]
    assert refused(connection, entity, {"a\0b": "74"}) == ["mapping_unfit"]
    assert stored(connection, entity) == {}
    change = choices.save(connection, entity, given({SALES: "74", ODD: "41"}), "An")
    assert choices.save(connection, entity, given({SALES: "74"}), "Jo") is None
    assert choices.save(connection, entity, given({SALES: "74", COSTS: None}), "Jo") is None
    choices.save(connection, entity, given({f"{SALES}:1": "70"}), "Jo", whole=True)
    assert stored(connection, entity) == {f"{SALES}:1": "70"}
    latest, first = choices.history(connection, read_mapping(connection, entity), most=9, shown=2)
    assert (first.change, first.person, first.placings) == (change, "An", 2)
    assert [(one.before, one.after) for one in first.differences] == [
        (None, Choice("74")),
        (None, Choice("41")),
    ]
    assert (latest.person, latest.placings, len(latest.differences)) == ("Jo", 3, 2)
    told = connection.execute(
        "select person, action, subject from app.change where organisation_id = "
        "(select organisation_id from app.entity where key = %s) order by id",
        [entity],
    ).fetchall()
    assert [tuple(row.values()) for row in told] == [
        ("An", "mapping changed", "Test company"),
        ("Jo", "mapping changed", "Test company"),
    ]


def test_a_change_is_undone_unless_it_was_changed_since(connection: Connection, entity: str) -> None:
    choices.save(connection, entity, given({SALES: "74"}, **{SALES: "first"}), "An")
    second = choices.save(connection, entity, given({SALES: "70", ODD: "41"}), "An")
    assert second
    undone = choices.undo(connection, entity, second, "Jo")
    assert read_mapping(connection, entity).choices == {Placing(SALES): Choice("74", "first")}
    assert undone
    choices.undo(connection, entity, undone, "Jo")
    assert stored(connection, entity) == {SALES: "70", ODD: "41"}
    choices.save(connection, entity, given({ODD: "40"}), "Jo")
    with pytest.raises(Unplaceable) as problem:
        choices.undo(connection, entity, second, "An")
    assert [str(found) for found in problem.value.findings] == [
        f"{ODD} was changed since; its newer place would be lost"
    ]
    assert stored(connection, entity) == {SALES: "70", ODD: "40"}
    with pytest.raises(Refused):
        choices.undo(connection, entity, uuid4(), "An")


def test_the_change_of_another_structure_or_entity_is_none_here(
    connection: Connection, entity: str, make_entity: Callable[..., str]
) -> None:
    change = choices.save(connection, entity, given({SALES: "74"}), "An")
    assert change
    with pytest.raises(Refused):
        choices.undo(connection, make_entity(), change, "An")
    connection.execute("update app.entity set country = 'XX' where key = %s", [entity])
    assert stored(connection, entity) == {}
    with pytest.raises(Refused):
        choices.undo(connection, entity, change, "An")
    with pytest.raises(EntityGone):
        choices.save(connection, "none", given({SALES: "74"}), "An")


def test_values_of_another_axis_stay_and_are_not_told(connection: Connection, entity: str) -> None:
    choices.save(connection, entity, given({f"{SALES}:1": "74"}), "An")
    connection.execute("update app.entity set primary_axis = 'project' where key = %s", [entity])
    assert stored(connection, entity) == {}
    choices.save(connection, entity, given({ODD: "41"}), "An", whole=True)
    connection.execute("update app.entity set primary_axis = 'cost' where key = %s", [entity])
    assert stored(connection, entity) == {ODD: "41", f"{SALES}:1": "74"}


def counted(connection: Connection, entity: str) -> tuple[int, int, list[list[str]]]:
    counts = last_import(connection, entity)["counts"]["marts"]
    return counts["unmapped"], counts["newly_unmapped"], counts["new"]


def test_each_import_tells_what_is_unmapped_and_what_of_it_is_new(
    connection: Connection, entity: str
) -> None:
    assert counted(connection, entity) == (2, 0, [])
    more = [*BOOKS, *booking("N1", "2025-02", (NEW, 5), (BANK, -5))]
    more += booking("T2", "2025-02", (TOLD, 1), (BANK, -1), axes=(("cost", "2"),))
    load(connection, entity, whole(more, accounts=NAMED))
    assert counted(connection, entity) == (3, 2, [[TOLD, "2"], [NEW, ""]])
    load(connection, entity, whole(more, accounts=NAMED))
    assert counted(connection, entity) == (3, 0, [])
    choices.save(connection, entity, given({NEW: "41", f"{TOLD}:2": "61"}), "An")
    load(connection, entity, whole(more, accounts=NAMED))
    assert counted(connection, entity) == (2, 0, [])
    choices.save(connection, entity, given({NEW: None}), "An")
    load(connection, entity, whole(more, accounts=NAMED))
    assert counted(connection, entity) == (3, 1, [[NEW, ""]])
    assert id_of(connection, entity)
