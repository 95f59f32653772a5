"""The spool on disk: exact, private, bounded, and whole up to its last whole page after any crash."""

import os
import stat
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from blocks_kit import lines_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from source_kit import pages

from monitr_pipelines.importing.spool import folder
from monitr_pipelines.importing.spool.fetching import fetch_into
from monitr_pipelines.importing.spool.spool import Spool
from monitr_pipelines.ledger.blocks import NO_AXES, AxisNumbers, AxisSet
from monitr_pipelines.ledger.changes import (
    Bookings,
    Change,
    Dates,
    Delete,
    Replace,
    Scope,
    Upsert,
    WholeLedger,
    Written,
)
from monitr_pipelines.ledger.records import LedgerLine
from monitr_pipelines.lifecycle.errors import OurFault, ProviderDown, SpoolFull
from monitr_pipelines.providers.contract import Checkpoint, End, Item
from monitr_pipelines.warehouse.books.blocks import blocks_of

WHO = {"provider": "played", "connection": "7"}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
AXES = st.dictionaries(TEXT, TEXT, max_size=3).map(lambda values: tuple(sorted(values.items())))
LINES = st.lists(
    st.builds(
        LedgerLine,
        external_id=TEXT,
        booking_date=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        account_code=TEXT,
        amount=st.decimals(places=4, min_value=-(10**14), max_value=10**14),
        booking=st.none() | TEXT,
        line_number=st.none() | TEXT,
        period=st.none() | TEXT,
        journal=st.none() | TEXT,
        document_number=st.none() | TEXT,
        relation=st.none() | TEXT,
        description=st.none() | TEXT,
        foreign_amount=st.none() | st.decimals(places=2, min_value=-(10**9), max_value=10**9),
        foreign_currency=st.none() | TEXT,
        axes=AXES,
        opening=st.booleans(),
        version=st.integers(0, 2**63 - 1),
    ),
    max_size=6,
)
SCOPES = st.one_of(
    st.just(WholeLedger()),
    st.builds(Dates, st.dates(), st.dates()),
    st.builds(Bookings, st.frozensets(TEXT, max_size=4)),
)


def within(scope: Scope, lines: list[LedgerLine]) -> Replace:
    return Replace(scope, [line for line in lines if scope.contains(line)])


CHANGES = st.one_of(
    st.builds(Upsert, LINES), st.builds(Delete, st.lists(TEXT, min_size=1)), st.builds(within, SCOPES, LINES)
)


def written(items: Iterable[Item], import_id: int = 1) -> Spool:
    spool = Spool.of_increment(7, import_id)
    try:
        fetch_into(spool, items, lambda _: None)
    except BaseException:
        spool.discard()
        raise
    return spool


def content(changes: Iterable[Change | Written]) -> list[Any]:
    """Changes with their lines, read as the loader does: one after the other."""
    found: list[Any] = []
    axes: dict[str, AxisSet] = {NO_AXES: ()}
    for change in changes:
        match change:
            case Written(scope, blocks):
                found.append((scope, [line for block in blocks for line in lines_of(block, axes)]))
            case Upsert(lines):
                found.append((None, list(lines)))
            case Delete(keys):
                found.append(("delete", list(keys)))
            case Replace(scope, lines):
                found.append((scope, list(lines)))
    return found


def joined(changes: list[Any]) -> list[Any]:
    """What a stream says, its neighbours of one scope as one."""
    found: list[Any] = []
    for scope, values in changes:
        if found and found[-1][0] == scope:
            found[-1][1].extend(values)
        else:
            found.append((scope, list(values)))
    return found


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(CHANGES, max_size=6))
def test_what_is_read_is_what_was_written(spools: Path, changes: list[Change]) -> None:
    spool = written([*changes, End({"page": 1})])
    assert content(spool.changes()) == joined(content(changes))
    assert content(spool.changes()) == joined(content(changes)), "and it can be read again"
    spool.discard()


def test_amounts_keep_their_digits(spools: Path) -> None:
    amount = Decimal("123456789012345.6789")
    line = LedgerLine("1", date(2025, 1, 1), "550000", amount, foreign_amount=Decimal("1.10"))
    spool = written([Upsert([line]), End({})])
    ((_, [found]),) = content(spool.changes())
    spool.discard()
    assert found == line
    assert (str(found.amount), str(found.foreign_amount)) == ("123456789012345.6789", "1.10")


def test_lines_are_written_once_as_text(spools: Path) -> None:
    """The columns that a block was made of are at hand where it is made, and say nothing more."""
    line = LedgerLine("1", date(2025, 1, 1), "550000", Decimal(1))
    (made,) = blocks_of(None, [line], AxisNumbers())
    assert made.columns is not None
    spool = written([Upsert([line]), End({})])
    ((_, (kept,)),) = ((change.scope, list(change.blocks)) for change in spool.changes())
    spool.discard()
    assert kept == made._replace(columns=None)


def test_a_scope_without_lines_is_kept(spools: Path) -> None:
    empty = Replace(Bookings(frozenset({"B1"})), [])
    spool = written([empty, End({})])
    assert content(spool.changes()) == [(Bookings(frozenset({"B1"})), [])]
    spool.discard()


def test_only_its_owner_can_look_into_it(spools: Path) -> None:
    old = os.umask(0)
    try:
        spool = written([End({})])
    finally:
        os.umask(old)
    assert stat.S_IMODE(spools.stat().st_mode) == 0o700
    (file,) = spools.glob("*.spool")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (spools / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    spool.discard()
    assert list(spools.glob("*.spool")) == []


def interrupted(spools: Path, pages_before: int) -> Path:
    """A full fetch of which some pages were finished, and another one begun."""
    spool = Spool.of_whole_ledger(7, 1, WHO)

    def items() -> Iterator[Item]:
        for number, page in enumerate(pages(pages_before), 1):
            yield Replace(WholeLedger(), page)
            yield Checkpoint({"page": number})
        yield Replace(WholeLedger(), pages(1)[0])
        raise ProviderDown("It does not answer.")

    with pytest.raises(ProviderDown):
        fetch_into(spool, items(), lambda _: None)
    spool.leave()
    return next(spools.glob("*.spool"))


def test_finished_pages_of_the_same_ledger_are_gone_on_with(spools: Path) -> None:
    interrupted(spools, 2)
    spool = Spool.of_whole_ledger(7, 2, WHO)
    assert spool.resume_at == {"page": 2}
    fetch_into(spool, [Replace(WholeLedger(), pages(3)[2]), End({"page": 3})], lambda _: None)
    assert content(spool.changes()) == [(WholeLedger(), [line for page in pages(3) for line in page])]
    spool.discard()


def test_sets_of_axis_values_keep_their_numbers_where_a_fetch_goes_on(spools: Path) -> None:
    """Those of a page that was cut off are numbered anew, with the page that comes instead."""
    sets: list[AxisSet] = [(("cost", "1"),), (("cost", "2"),), (("project", "3"),)]
    lines = [line._replace(axes=axes) for line, axes in zip(pages(1)[0], sets, strict=False)]
    first = Spool.of_whole_ledger(7, 1, WHO)

    def broken() -> Iterator[Item]:
        yield Replace(WholeLedger(), [lines[0]])
        yield Checkpoint({"page": 1})
        yield Replace(WholeLedger(), [lines[2]])
        raise ProviderDown("It does not answer.")

    with pytest.raises(ProviderDown):
        fetch_into(first, broken(), lambda _: None)
    first.leave()
    second = Spool.of_whole_ledger(7, 2, WHO)
    rest = [lines[1], lines[0]._replace(external_id="once more"), lines[2]]
    fetch_into(second, [Replace(WholeLedger(), rest), End({})], lambda _: None)
    assert content(second.changes()) == [(WholeLedger(), [lines[0], *rest])]
    second.discard()


@pytest.mark.parametrize("changed", [{"connection": "8"}, {"connected_at": "later"}])
def test_pages_of_another_connection_are_not(spools: Path, changed: dict[str, str]) -> None:
    interrupted(spools, 2)
    spool = Spool.of_whole_ledger(7, 2, WHO | changed)
    assert spool.resume_at is None
    assert content(spool.changes()) == []
    spool.discard()


def test_a_file_that_was_torn_at_any_byte_is_whole_up_to_a_page(spools: Path) -> None:
    path = interrupted(spools, 3)
    whole = path.read_bytes()
    expected = {None: 0} | {number: number * 40 for number in (1, 2, 3)}
    seen = set()
    for length in [*range(0, len(whole), 7), len(whole)]:
        path.write_bytes(whole[:length])
        spool = Spool.of_whole_ledger(7, 2, WHO)
        reached = spool.resume_at["page"] if spool.resume_at else None
        seen.add(reached)
        assert sum(len(values) for _, values in content(spool.changes())) == expected[reached]
        spool.leave()
    assert seen == {None, 1, 2, 3}


def test_a_changed_byte_is_noticed(spools: Path) -> None:
    path = interrupted(spools, 3)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    spool = Spool.of_whole_ledger(7, 2, WHO)
    assert spool.resume_at in (None, {"page": 1}, {"page": 2})
    assert spool.resume_at != {"page": 3}
    spool.discard()


def test_a_file_that_another_worker_still_writes_is_left_alone(spools: Path) -> None:
    first = Spool.of_whole_ledger(7, 1, WHO)
    second = Spool.of_whole_ledger(7, 2, WHO)
    fetch_into(second, [Replace(WholeLedger(), pages(1)[0]), End({})], lambda _: None)
    fetch_into(first, [Replace(WholeLedger(), pages(2)[1]), End({})], lambda _: None)
    assert content(second.changes()) == [(WholeLedger(), pages(1)[0])]
    assert content(first.changes()) == [(WholeLedger(), pages(2)[1])]
    first.discard()
    second.discard()


def test_a_killed_increment_is_swept_and_a_whole_ledger_is_kept_for_days(spools: Path) -> None:
    written([End({})]).leave()
    path = interrupted(spools, 1)
    assert folder.sweep(spools) == []
    assert list(spools.glob("*.spool")) == [path], "the next fetch swept the increment"
    os.utime(path, (0, 0))
    assert folder.sweep(spools) == [path]


def test_a_file_in_use_is_never_swept(spools: Path) -> None:
    spool = written([End({})])
    (file,) = spools.glob("*.spool")
    os.utime(file, (0, 0))
    assert folder.sweep(spools) == []
    spool.discard()


def test_all_spools_of_a_machine_share_one_limit(spools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr_pipelines.settings.spool_limit", lambda: 6000)
    other = written([Upsert(pages(1, 300)[0]), End({})], 1)
    spool = Spool.of_increment(8, 2)
    with pytest.raises(SpoolFull):
        fetch_into(spool, [Upsert(page) for page in pages(40, 100)], lambda _: None)
    assert folder.size(spools) <= 6000
    spool.discard()
    other.discard()


@pytest.mark.parametrize(
    "items",
    [[], [Upsert(pages(1)[0])], [Checkpoint({"page": 1})]],
    ids=["nothing", "lines alone", "a checkpoint"],
)
def test_a_stream_without_its_end_is_cut_off(spools: Path, items: list[Item]) -> None:
    with pytest.raises(OurFault) as cut:
        written(items)
    assert cut.value.code == "stream_cut_off"


def test_nothing_comes_behind_the_end(spools: Path) -> None:
    with pytest.raises(OurFault):
        written([End({}), Upsert(pages(1)[0])])
