-- Purpose: note the stored lines of the staged keys, before (sign -1) or after (sign 1) the upsert.
insert into stage_move
select
    account_code,
    booking_date,
    axis_combination,
    opening,
    booking,
    amount,
    %(sign)s
from raw.gl_transaction
where
    entity_id = %(entity_id)s
    and external_id in (select external_id from stage where operation = 'l')
