"""Organisations, entities and reports: what is printed where, and how a mistake is answered."""

import csv
import io
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from cli_kit import assert_sentence, sale, write
from process_kit import LONGEST_WAIT

from monitr_pipelines.cli import dagster_run
from monitr_pipelines.cli.output import Format, print_card, print_rows
from monitr_pipelines.warehouse.queue import claims, outcome
from monitr_pipelines.warehouse.registry import rate_limits
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection

_numbers = itertools.count(1)


@pytest.fixture
def organisation(monitr: Callable) -> str:
    name = f"Organisation {next(_numbers)} of the commands"
    assert monitr("org", "add", name).code == 0
    return name


@pytest.fixture
def add(monitr: Callable, organisation: str) -> Callable[..., str]:
    def run(*options: str, name: str = "Bakkerij Pëëters & Zn.") -> str:
        said = monitr("entity", "add", "--org", organisation, "--name", name, "--provider", "file", *options)
        assert said.code == 0, said.err
        assert said.err == ""
        return str(said.out).removesuffix("\n")

    return run


def stored(connection: Connection, key: str) -> dict:
    return connection.execute("select * from app.entity where key = %s", [key]).fetchone() or {}


def test_an_entity_is_added_with_every_option(add: Callable[..., str], connection: Connection) -> None:
    key = add(
        *("--administration", "A-1", "--currency", "usd", "--fiscal-year-start", "7", "--country", "fr"),
        *("--result-account", "120000", "--set", "delimiter=;", "--set", "fiscal_years=2023-07..2024-12"),
    )
    assert re.fullmatch(r"\d+-bakkerij-peeters-zn", key)
    row = stored(connection, key)
    assert (row["administration"], row["currency"], row["country"]) == ("A-1", "USD", "FR")
    assert (row["fiscal_year_start"], row["result_account"]) == (7, "120000")
    assert row["settings"] == {"delimiter": ";", "fiscal_years": "2023-07..2024-12"}


def test_defaults_and_changes(add: Callable[..., str], monitr: Callable, connection: Connection) -> None:
    key = add()
    row = stored(connection, key)
    assert (row["currency"], row["country"], row["fiscal_year_start"]) == ("EUR", "BE", 1)
    assert (row["administration"], row["result_account"], row["settings"]) == (None, None, {})
    said = monitr(
        *("entity", "set", key, "--name", "Renamed", "--country", "NL", "--fiscal-year-start", "4"),
        *("--result-account", "0500", "--currency", "GBP", "--administration", "9"),
        *("--set", "decimal=,", "--set", "thousands=."),
    )
    assert (said.code, said.out, said.err) == (0, "", "")
    assert monitr("entity", "set", key, "--set", "decimal=.").code == 0
    row = stored(connection, key)
    assert (row["key"], row["name"], row["country"], row["currency"]) == (key, "Renamed", "NL", "GBP")
    assert (row["fiscal_year_start"], row["result_account"], row["administration"]) == (4, "0500", "9")
    assert row["settings"] == {"decimal": ".", "thousands": "."}


@pytest.mark.parametrize("name", ["面包店", "...", "a" * 300])
def test_any_name_makes_a_key(add: Callable[..., str], name: str) -> None:
    assert re.fullmatch(r"\d+-[a-z0-9]{1,40}", add(name=name))


def test_an_organisation_is_found_by_its_number_too_but_its_name_goes_first(
    monitr: Callable, organisation: str, connection: Connection
) -> None:
    number = monitr("org", "add", f"{organisation} b", "--subscription", "trialing").out.strip()
    assert number.isdigit()
    named = monitr("org", "add", number).out.strip()
    for given, meant in ((number, named), (named, named)):
        said = monitr("entity", "add", "--org", given, "--name", "x", "--provider", "file")
        assert str(stored(connection, said.out.strip())["organisation_id"]) == meant


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["org", "add", ""], 1, "'' is not a name"),
        (["org", "add", "  "], 1, "is not a name"),
        (["org", "add", "a\nb"], 1, "is not a name; it has 1 to 1000 characters on one line"),
        (["org", "add", "x" * 1001], 1, "xxx...' is not a name"),
        (["org", "add", "Rich", "--subscription", "rich"], 1, "'rich' is not a subscription state"),
        (["org", "add"], 2, "Missing argument"),
        (["org", "add", "\udcff"], 2, "not UTF-8"),
        (["entity", "set", "nobody", "--name", "x"], 1, "There is no entity 'nobody'"),
        (["report", "trial-balance", "nobody"], 1, "There is no entity 'nobody'"),
        (["report", "nothing", "nobody"], 2, "No such command 'nothing'"),
        (["connection", "test", "9" * 20], 1, f"There is no connection {'9' * 20}"),
        (["reset", "nobody"], 1, "There is no entity 'nobody'"),
        (["emulator", "exact", "--port", "70000"], 2, "less than or equal to 65535"),
        (["bake"], 2, "No such command 'bake'"),
    ],
)
def test_mistakes(monitr: Callable, arguments: list[str], code: int, told: str) -> None:
    assert_sentence(monitr(*arguments), code, told)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--org", "nobody"], 1, "There is no organisation 'nobody'"),
        (["--provider", "ledgerly"], 1, "There is no provider 'ledgerly'; there is file"),
        (["--name", ""], 1, "'' is not a name"),
        (["--name", " \t"], 1, "is not a name"),
        (["--name", "x" * 1001], 1, "xxx...' is not a name"),
        (["--currency", "EURO"], 1, "'EURO' is not a currency"),
        (["--country", "Belgium"], 1, "'BELGIUM' is not a country"),
        (["--fiscal-year-start", "13"], 1, "month 1 to 12, not 13"),
        (["--fiscal-year-start", "0"], 1, "month 1 to 12, not 0"),
        (["--fiscal-year-start", "July"], 2, "--fiscal-year-start"),
        (["--set", "colour=red"], 1, "'colour=red' is not a setting; write KEY=VALUE"),
        (["--set", "decimal"], 1, "'decimal' is not a setting"),
        (["--set", "fiscal_years=2023..2024"], 1, "'2023' is not a month; write YYYY-MM"),
        (["--set", "fiscal_years=2023-01..2025-12"], 1, "must hold 1 to 24 months"),
    ],
)
def test_an_entity_that_cannot_be_is_not_added(
    *,
    monitr: Callable,
    organisation: str,
    connection: Connection,
    options: list[str],
    code: int,
    told: str,
) -> None:
    before = connection.execute("select count(*) from app.entity").fetchone()
    said = monitr("entity", "add", "--org", organisation, "--name", "x", "--provider", "file", *options)
    assert_sentence(said, code, told)
    assert connection.execute("select count(*) from app.entity").fetchone() == before


def test_the_name_of_an_entity_stands_on_one_line(
    monitr: Callable, organisation: str, connection: Connection
) -> None:
    added = monitr("entity", "add", "--org", organisation, "--name", " Peeters\n\t& Zonen ").out.strip()
    assert stored(connection, added)["name"] == "Peeters & Zonen"
    monitr("entity", "set", added, "--name", "Peeters\u2028en\x07co")
    assert stored(connection, added)["name"] == "Peeters en co"


def test_an_organisation_twice(monitr: Callable, organisation: str) -> None:
    assert_sentence(
        monitr("org", "add", organisation), 1, f"There is an organisation '{organisation}' already"
    )


@pytest.fixture
def reported(without_dagster: None, add: Callable[..., str], monitr: Callable, tmp_path: Path) -> str:
    key = add()
    rows = [*sale("2025-11-05", 70), *sale("2026-01-05", 100), ("2026-02-03", "610000", 30)]
    file = write(tmp_path / "books.csv", *rows, ("2026-02-03", "550000", -30))
    assert monitr("import", key, "--file", file).code == 0
    return key


def test_the_list_of_entities(reported: str, monitr: Callable, organisation: str, tmp_path: Path) -> None:
    def listed() -> dict:
        (row,) = [row for row in monitr("entities", "--json").json if row["key"] == reported]
        return row

    row = listed()
    assert list(row) == [
        "key",
        "name",
        "organisation",
        "provider",
        "status",
        "latest_current_figures",
        "error",
        "tie_out",
    ]
    assert (row["organisation"], row["provider"], row["status"]) == (organisation, "file", "Succeeded")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*\+00:00", row["latest_current_figures"])
    bad = write(tmp_path / "bad.csv", ("2026-03-01", "400000", 5), text="[bold]")
    assert monitr("import", reported, "--file", bad, "--mode", "append").code == 1
    failed = listed()
    assert (failed["status"], failed["error"]["code"]) == ("Failed", "unbalanced")
    assert "--allow-unbalanced" in failed["error"]["message"]
    assert failed["latest_current_figures"] == row["latest_current_figures"]
    table = monitr("entities")
    assert (table.code, table.err) == (0, "")
    assert reported in table.out


def test_a_trial_balance_in_every_form(reported: str, monitr: Callable) -> None:
    ask = ["report", "trial-balance", reported, "--from", "2026-01", "--to", "2026-02", "--format"]
    rows = monitr(*ask, "json").json
    assert [list(row) for row in rows] == [
        ["account", "name", "opening", "debit", "credit", "closing"] for _ in rows
    ]
    found = {
        row["account"]: [row[name] for name in ("opening", "debit", "credit", "closing")] for row in rows
    }
    assert found["(result)"] == ["-70.00", "0.00", "0.00", "-70.00"]
    assert found["400000"] == ["70.00", "100.00", "0.00", "170.00"]
    assert found["550000"] == ["0.00", "0.00", "30.00", "-30.00"]
    assert found["610000"] == ["0.00", "30.00", "0.00", "30.00"]
    assert found["700000"] == ["0.00", "0.00", "100.00", "-100.00"]
    printed = list(csv.DictReader(io.StringIO(monitr(*ask, "csv").out)))
    assert [row["closing"] for row in printed] == [row["closing"] for row in rows]
    assert printed[0]["account"] == rows[0]["account"]
    table = monitr(*ask, "table")
    assert (table.code, table.err) == (0, "")
    assert re.search(r"400000\s+Account 400000\s+70\.00\s+100\.00\s+0\.00\s+170\.00", table.out)


@pytest.mark.parametrize("statement", ["profit-and-loss", "balance-sheet"])
def test_a_statement_in_every_form(reported: str, monitr: Callable, statement: str) -> None:
    ask = ["report", statement, reported, "--from", "2026-02", "--to", "2026-02", "--format"]
    rows = monitr(*ask, "json").json
    assert all(list(row) == ["line", "name", "level", "amount", "year_to_date", "prior_year"] for row in rows)
    assert min(row["level"] for row in rows) == 0
    assert all(re.fullmatch(r"-?\d+\.\d{2,4}", row["amount"]) for row in rows)
    amounts = {row["line"]: (row["amount"], row["year_to_date"]) for row in rows}
    if statement == "profit-and-loss":
        assert ("-30.00", "70.00") in amounts.values()
    else:
        top = [Decimal(row["amount"]) for row in rows if row["level"] == 0]
        assert sum(top) == 0
        # The bank is overdrawn by 30.00, which is a debt.
        assert amounts["20/58"] == ("170.00", "100.00")
        assert amounts["430/8"][0] == "-30.00"
    assert len(monitr(*ask, "csv").out.splitlines()) == len(rows) + 1
    assert len(monitr(*ask, "table").out.splitlines()) >= len(rows) + 2


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--from", "2026"], 1, "'2026' is not a month; write YYYY-MM"),
        (["--from", "2026-13"], 1, "'2026-13' is not a month"),
        (["--from", "2026-02", "--to", "2026-01"], 1, "The period ends (2026-01) before it starts (2026-02)"),
        (["--format", "xml"], 2, "'xml' is not one of"),
    ],
)
def test_a_period_that_is_not_there(
    reported: str, monitr: Callable, options: list[str], code: int, told: str
) -> None:
    assert_sentence(monitr("report", "balance-sheet", reported, *options), code, told)


def test_a_report_before_the_first_import(add: Callable[..., str], monitr: Callable) -> None:
    key = add()
    assert_sentence(monitr("report", "trial-balance", key), 1, f"{key} has no figures yet")
    (row,) = [row for row in json.loads(monitr("entities", "--json").out) if row["key"] == key]
    assert (row["status"], row["latest_current_figures"], row["error"]) == ("Never imported", None, None)


@pytest.fixture
def claimed_elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Another run is faster than that of the command; it ends a moment later, or after the test."""
    ends: list[threading.Timer] = []

    def run_import(entity_key: str, import_id: int, seconds: float) -> None:
        with database.connect(autocommit=True) as other:
            claimed = claims.claim(
                other, entity_key, run_id=f"faster {import_id}", import_id=import_id, trigger="manual"
            )
        ends.append(threading.Timer(seconds, end, [claimed]))
        ends[-1].start()

    def end(claimed: claims.Claim) -> None:
        with database.connect(autocommit=True) as other:
            outcome.finish(other, claimed, None)

    def claim_first(*, and_end: bool) -> None:
        seconds = 0.3 if and_end else 10 * LONGEST_WAIT
        monkeypatch.setattr(
            "monitr_pipelines.cli.dagster_run.run_import", partial(run_import, seconds=seconds)
        )

    yield claim_first
    for each in ends:
        each.cancel()
        each.join()


def test_an_import_that_another_run_claimed_first_is_followed_to_its_end(
    add: Callable[..., str], monitr: Callable, claimed_elsewhere: Callable[..., None]
) -> None:
    claimed_elsewhere(and_end=True)
    said = monitr("import", add(), "--json")
    assert (said.code, said.json["status"], said.json["error"]) == (0, "Succeeded", None)


def test_an_import_says_that_it_waits_for_its_allowance(
    add: Callable[..., str],
    monitr: Callable,
    claimed_elsewhere: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claimed_elsewhere(and_end=True)
    run = dagster_run.run_import

    def wait_and_run(entity_key: str, import_id: int) -> None:
        rate_limits.log.info("connection %d has used its calls, and waits %d s", 7, 40)
        run(entity_key, import_id)

    monkeypatch.setattr(dagster_run, "run_import", wait_and_run)
    assert_sentence(monitr("import", add()), 0, "connection 7 has used its calls, and waits 40 s")
    rate_limits.log.info("nobody is told")
    assert rate_limits.log.handlers == []


def test_an_import_that_does_not_end_in_time_is_told_as_it_is(
    add: Callable[..., str],
    monitr: Callable,
    claimed_elsewhere: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitr_pipelines.cli.imports.LONGEST_FOLLOWED", 0)
    claimed_elsewhere(and_end=False)
    assert_sentence(monitr("import", add()), 1, "The import has not ended yet")


def test_the_status_is_that_of_the_import_that_ended_last(
    add: Callable[..., str], monitr: Callable, connection: Connection
) -> None:
    key = add()
    connection.execute(
        """
        insert into app.import
            (entity_id, trigger, outcome, error_code, error_message, requested_at, finished_at)
        select id, 'manual', outcome, code, message, now(), now() - ended
        from
            app.entity,
            (values
                ('failed', 'launch_failed', 'It could not be started.', interval '1 minute'),
                ('succeeded', null, null, interval '2 minutes')
            ) as ends (outcome, code, message, ended)
        where key = %s
        """,
        [key],
    )
    (row,) = [row for row in monitr("entities", "--json").json if row["key"] == key]
    assert (row["status"], row["error"]["code"]) == ("Failed", "launch_failed")


NO_MARKUP = r"a\[/b] [/x] [bold] \ "


def test_names_are_printed_as_they_are(monitr: Callable, capsys: pytest.CaptureFixture[str]) -> None:
    assert monitr("org", "add", NO_MARKUP).code == 0
    print_rows([{"name": NO_MARKUP}], ("name",), Format.TABLE, "Organisations")
    row = {
        "name": NO_MARKUP,
        "key": "1-a",
        "organisation": NO_MARKUP,
        "provider": "file",
        "status": "Failed",
        "latest_current_figures": None,
        "error": {"message": NO_MARKUP},
        "tie_out": None,
    }
    print_card(row)
    assert capsys.readouterr().out.count(NO_MARKUP.strip()) == 4
    assert monitr("org", "list").code == 0
