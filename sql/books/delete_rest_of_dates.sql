-- Purpose: what is left of replaced dates no longer exists at the source; removed and noted.
with gone as (
    delete from raw.gl_transaction as target
    where
        target.entity_id = %(entity_id)s
        and target.booking_date <@ (
            select range_agg(daterange(starts_on, ends_on)) from stage_range
        )
        and not exists (
            select from stage
            where stage.operation = 'l' and stage.external_id = target.external_id
        )
    returning
        target.account_code,
        target.booking_date,
        target.axis_combination,
        target.opening,
        target.booking,
        target.amount
)

insert into stage_move
select
    gone.*,
    -1
from gone
