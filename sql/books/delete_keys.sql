-- Purpose: remove the lines that the provider says no longer exist, and note them.
with gone as (
    delete from raw.gl_transaction
    using stage
    where
        gl_transaction.entity_id = %(entity_id)s
        and stage.operation = 'd'
        and gl_transaction.external_id = stage.external_id
    returning
        gl_transaction.account_code,
        gl_transaction.booking_date,
        gl_transaction.axis_combination,
        gl_transaction.opening,
        gl_transaction.booking,
        gl_transaction.amount
)

insert into stage_move
select
    gone.*,
    -1
from gone
