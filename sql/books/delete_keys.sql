-- Purpose: remove the lines that the provider says no longer exist, and note them.
-- Invariants: each key is looked up, and its line is deleted by its place alone: see
-- delete_rest_of_bookings.sql.
with gone as (
    delete from raw.gl_transaction
    where
        ctid = any(array(
            select line.place
            from stage
            cross join
                lateral (
                    select ctid as place
                    from raw.gl_transaction
                    where entity_id = %(entity_id)s and external_id = stage.external_id
                    offset 0
                ) as line
            where stage.operation = 'd'
        ))
    returning account_code, booking_date, axis_combination, opening, booking, amount
)

insert into stage_move
select
    gone.*,
    -1
from gone
