-- Purpose: staged rows that are known by their content and may equal rows that went into the ledger before,
-- in an import that began with an empty one; equal rows are as many rows.
-- Invariants: as number_twins.sql: the first keeps its key. Each is looked up by its key, whatever the
-- planner thinks of a ledger that this transaction filled: `offset 0`.
update stage
set external_id = stage.external_id || '#' || repeats.nth
from (
    select
        stage.ctid as place,
        earlier.lines + row_number() over (partition by stage.external_id order by stage.ctid) as nth
    from stage
    cross join
        lateral (
            select count(*) as lines
            from raw.gl_transaction
            where entity_id = %(entity_id)s and external_id = stage.external_id
            offset 0
        ) as earlier
    where stage.operation = 'l'
) as repeats
where stage.ctid = repeats.place and repeats.nth > 1
