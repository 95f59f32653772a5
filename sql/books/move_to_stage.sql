-- Purpose: take back what a first load wrote straight into the ledger, for the usual way.
-- Invariants: the ledger was empty before this import.
with written as (
    delete from raw.gl_transaction
    where entity_id = %(entity_id)s
    returning *
)

insert into stage
select
    'l',
    external_id,
    booking_date,
    account_code,
    amount,
    booking,
    line_number,
    period,
    journal,
    document_number,
    relation,
    description,
    foreign_amount,
    foreign_currency,
    opening,
    version,
    axis_combination
from written
