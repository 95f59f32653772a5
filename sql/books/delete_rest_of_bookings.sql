-- Purpose: what is left of replaced bookings no longer exists at the source; removed and noted.
-- Invariants: each booking is looked up by its key (`offset 0` keeps the planner from joining the other
-- way round), and its lines are deleted by their place alone: with the entity beside it, the planner
-- might compare every line of the entity with every place.
with gone as (
    delete from raw.gl_transaction
    where
        ctid = any(array(
            select lines.place
            from stage as replaced
            cross join
                lateral (
                    select
                        ctid as place,
                        external_id
                    from raw.gl_transaction
                    where entity_id = %(entity_id)s and booking = replaced.booking
                    offset 0
                ) as lines
            where
                replaced.operation = 'b'
                and not exists (
                    select from stage
                    where stage.operation = 'l' and stage.external_id = lines.external_id
                )
        ))
    returning account_code, booking_date, axis_combination, opening, booking, amount
)

insert into stage_move
select
    gone.*,
    -1
from gone
