-- Purpose: what is left of a replaced scope no longer exists at the source; removed and noted.
with gone as (
    delete from raw.gl_transaction as target
    where
        target.entity_id = %(entity_id)s
        and (
            exists (
                select from stage_range
                where target.booking_date >= starts_on and target.booking_date < ends_on
            )
            or target.booking in (select booking from stage where operation = 'b')
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
