"""The events of Dagster's runs, in few writes.

Dagster writes each of the hundred events of an import by itself, in up to nine statements. Here what a run
plans is one write, and what a step yields in a burst at its end is another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from dagster import (
    AssetKey,
    AssetRecordsFilter,
    DagsterEventType,
    EventLogEntry,
    EventLogRecord,
    EventRecordsResult,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.base import AssetEntry, AssetRecord
from dagster._core.storage.event_log.migration import ASSET_KEY_INDEX_COLS
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetKeyTable,
    SqlEventLogStorageTable,
)
from dagster._serdes import ConfigurableClassData, serialize_value
from dagster_postgres import PostgresEventLogStorage
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

NUMBERED = SqlEventLogStorageTable.insert().returning(
    SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
)
# What comes in bursts, while a run is under way: it is written with what follows.
GATHERED = {
    DagsterEventType.ENGINE_EVENT,
    DagsterEventType.RESOURCE_INIT_STARTED,
    DagsterEventType.RESOURCE_INIT_SUCCESS,
    DagsterEventType.LOGS_CAPTURED,
    DagsterEventType.STEP_INPUT,
    DagsterEventType.STEP_OUTPUT,
    DagsterEventType.HANDLED_OUTPUT,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_CHECK_EVALUATION,
    DagsterEventType.STEP_SUCCESS,
}
ENDS = {DagsterEventType.RUN_SUCCESS, DagsterEventType.RUN_FAILURE, DagsterEventType.RUN_CANCELED}
# Of which Dagster keeps more than the event itself.
OF_ASSETS = {DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_MATERIALIZATION_PLANNED}
OF_CHECKS = {DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
# Of which it keeps something that is not known here: Dagster writes them.
ITS_OWN = {
    DagsterEventType.ASSET_OBSERVATION,
    DagsterEventType.ASSET_FAILED_TO_MATERIALIZE,
    DagsterEventType.FRESHNESS_STATE_CHANGE,
}


class EventsInFewWrites(PostgresEventLogStorage):
    """Dagster's events in PostgreSQL.

    `gathers`: whether this process executes runs, one at a time. From a run's start to its end events may
    wait for the next one then, and before this process reads anything they are written. Who is killed within
    such a burst has not told Dagster its last; what it did is told by the books.
    """

    gathers = False

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, should_autocreate_tables=False, inst_data=inst_data)
        self._tables: set[str] = set()
        self._columns: set[str] = set()
        self._forget()

    def _forget(self) -> None:
        self._under_way = False
        self._waiting: list[EventLogEntry] = []
        self._made: dict[tuple[AssetKey, str], EventLogRecord] = {}
        self._partitions: set[tuple[str, str]] = set()

    def has_table(self, table_name: str) -> bool:
        """Whether a table is there; one that was, is."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a key is there; a run that found its own once goes on with it."""
        key = (partitions_def_name, partition_key)
        if key in self._partitions:
            return True
        found = super().has_dynamic_partition(partitions_def_name, partition_key)
        if found and self._under_way:
            self._partitions.add(key)
        return found

    def fetch_materializations(
        self,
        records_filter: AssetKey | AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,  # noqa: FBT001, FBT002 - Dagster's own
    ) -> EventRecordsResult:
        """Materializations; a check that asks for the last one is about that of its own run."""
        if self._under_way and limit == 1 and not cursor and not ascending:
            made = self._made_by_run(records_filter)
            if made is None and self._waiting:
                self._write_waiting()
                made = self._made_by_run(records_filter)
            if made is not None:
                return EventRecordsResult([made], str(made.storage_id), has_more=False)
        return super().fetch_materializations(records_filter, limit, cursor, ascending)

    def get_asset_records(self, asset_keys: Sequence[AssetKey] | None = None) -> Sequence[AssetRecord]:
        """The state of assets; a step that asks what it was made from means those of its own run."""
        if self._under_way and asset_keys:
            found = [self._made_last(key) for key in asset_keys]
            if None in found and self._waiting:
                self._write_waiting()
                found = [self._made_last(key) for key in asset_keys]
            made = [record for record in found if record is not None]
            if len(made) == len(found):
                return [_record_of(key, record) for key, record in zip(asset_keys, made, strict=True)]
        return super().get_asset_records(asset_keys)

    def get_latest_tags_by_partition(  # noqa: PLR0917 - Dagster's own
        self,
        asset_key: AssetKey,
        event_type: DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """Tags of the last events of partitions; of what the run has made itself, without looking."""
        made = [self._made.get((asset_key, partition)) for partition in asset_partitions or ()]
        if event_type is not DagsterEventType.ASSET_MATERIALIZATION or not made or None in made:
            return super().get_latest_tags_by_partition(
                asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
            )
        found = {}
        for partition, record in zip(asset_partitions or (), made, strict=True):
            tags = (record and record.asset_materialization and record.asset_materialization.tags) or {}
            found[partition] = {key: tags[key] for key in tag_keys if key in tags}
        return found

    def _made_last(self, key: AssetKey) -> EventLogRecord | None:
        return next((record for (asset, _), record in self._made.items() if asset == key), None)

    def _made_by_run(self, asked: AssetKey | AssetRecordsFilter) -> EventLogRecord | None:
        for (asset, partition), record in self._made.items():
            if asked == AssetRecordsFilter(asset, asset_partitions=[partition]):
                return record
        return None

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event, with those that wait; or let it wait for the next one."""
        kind = event.dagster_event_type
        if self._under_way and kind in GATHERED:
            self._waiting.append(event)
            return
        self._write_waiting(event)
        if kind is DagsterEventType.RUN_START and self.gathers:
            self._under_way = True
        elif kind in ENDS:
            self._forget()

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events together, as those that a run plans."""
        self._write_waiting(*events)

    def _connect(self) -> AbstractContextManager[Connection]:
        self._write_waiting()
        return super()._connect()

    def _write_waiting(self, *events: EventLogEntry) -> None:
        """Write what waits, then these; where the server is gone, what waited goes on waiting."""
        waiting, self._waiting = self._waiting, []
        all_of_them = (*waiting, *events)
        try:
            if ours := [event for event in all_of_them if _is_known(event)]:
                self._write(ours)
        except OperationalError:
            self._waiting = waiting
            raise
        for event in all_of_them:
            if not _is_known(event):
                super().store_event(event)

    def _write(self, events: Sequence[EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        kinds = {event.dagster_event_type for event in events}
        if kinds.isdisjoint(OF_ASSETS | OF_CHECKS):
            with self.run_connection() as connection:
                connection.execute(SqlEventLogStorageTable.insert(), rows)
            return
        by_kind: dict[Any, list[tuple[EventLogEntry, int]]] = defaultdict(list)
        with self.index_transaction() as connection:
            numbers = connection.execute(NUMBERED, rows).scalars()
            for event, number in zip(events, numbers, strict=True):
                by_kind[event.dagster_event_type].append((event, number))
            made = by_kind[DagsterEventType.ASSET_MATERIALIZATION]
            self._note_assets(connection, by_kind[DagsterEventType.ASSET_MATERIALIZATION_PLANNED])
            self._note_assets(connection, made)
            self._store_asset_event_tags(
                connection, [event for event, _ in made], [number for _, number in made]
            )
            self._note_planned_checks(connection, by_kind[DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED])
            self._note_checks(connection, by_kind[DagsterEventType.ASSET_CHECK_EVALUATION])
        if self._under_way:
            for event, number in made:
                told = event.get_dagster_event()
                if told.asset_key is not None and told.partition is not None:
                    self._made[told.asset_key, told.partition] = EventLogRecord(number, event)

    def _note_assets(self, connection: Connection, events: Sequence[tuple[EventLogEntry, int]]) -> None:
        """The last event of each asset; in the order of keys, for all runs write the same few rows."""
        has_columns = self.has_secondary_index(ASSET_KEY_INDEX_COLS)
        rows = {}
        for event, number in events:
            if (key := event.get_dagster_event().asset_key) is not None:
                values = self._get_asset_entry_values(event, number, has_columns)
                rows[key.to_string()] = {"asset_key": key.to_string(), **values}
        if rows:
            written = insert(AssetKeyTable)
            names = next(iter(rows.values())).keys() - {"asset_key"}
            connection.execute(
                written.on_conflict_do_update(
                    index_elements=[AssetKeyTable.c.asset_key],
                    set_={name: written.excluded[name] for name in names},
                ),
                [rows[key] for key in sorted(rows)],
            )

    def _note_planned_checks(
        self, connection: Connection, events: Iterable[tuple[EventLogEntry, int]]
    ) -> None:
        rows = []
        for event, number in events:
            planned: Any = event.get_dagster_event().event_specific_data
            subset = planned.partitions_subset
            partitions = subset.get_partition_keys() if subset else [None]
            row = {
                "check_name": planned.check_name,
                "asset_key": planned.asset_key.to_string(),
                "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
                **_told_by(event, number),
            }
            rows += [{**row, "partition": each} for each in partitions]
        if rows:
            connection.execute(AssetCheckExecutionsTable.insert(), rows)

    def _note_checks(self, connection: Connection, events: Iterable[tuple[EventLogEntry, int]]) -> None:
        """What checks found, in the place of what was planned."""
        checks = AssetCheckExecutionsTable
        rows = []
        for event, number in events:
            found: Any = event.get_dagster_event().event_specific_data
            passed, target = found.passed, found.target_materialization_data
            status = AssetCheckExecutionRecordStatus
            rows.append(
                {
                    "check_name": found.check_name,
                    "asset_key": found.asset_key.to_string(),
                    "execution_status": (status.SUCCEEDED if passed else status.FAILED).value,
                    "materialization_event_storage_id": target.storage_id if target else None,
                    "partition": found.partition,
                    **_told_by(event, number),
                }
            )
        if rows:
            written = insert(checks)
            place = [checks.c.asset_key, checks.c.check_name, checks.c.run_id, checks.c.partition]
            others = rows[0].keys() - {column.name for column in place}
            connection.execute(
                written.on_conflict_do_update(
                    index_elements=place, set_={name: written.excluded[name] for name in others}
                ),
                rows,
            )


def _record_of(key: AssetKey, made: EventLogRecord) -> AssetRecord:
    entry = AssetEntry(asset_key=key, last_materialization_record=made, last_run_id=made.run_id)
    return AssetRecord(storage_id=made.storage_id, asset_entry=entry)


def _is_known(event: EventLogEntry) -> bool:
    """Whether it is written here; a check of no partition has no key by which its row is found."""
    kind = event.dagster_event_type
    if kind is DagsterEventType.ASSET_CHECK_EVALUATION:
        found: Any = event.get_dagster_event().event_specific_data
        return found.partition is not None
    return kind not in ITS_OWN


def _told_by(event: EventLogEntry, number: int) -> dict[str, Any]:
    """The columns of a check's row that an event of it fills; Dagster stores UTC without saying so."""
    return {
        "run_id": event.run_id,
        "evaluation_event": serialize_value(event),
        "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None),
        "evaluation_event_storage_id": number,
    }
