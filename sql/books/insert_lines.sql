-- Purpose: write all staged lines into a ledger that has none yet.
-- Invariants: ordered by key, as the index is.
insert into raw.gl_transaction (
    entity_id, external_id, booking_date, account_code, amount, booking, line_number, period,
    journal, document_number, relation, description, foreign_amount, foreign_currency,
    axis_combination, opening, version, import_id
)
select
    %(entity_id)s,
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
    combination,
    opening,
    version,
    %(import_id)s
from stage
where operation = 'l'
order by external_id
