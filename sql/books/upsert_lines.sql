-- Purpose: write what is new or different; a line that is as it was is not touched.
-- Invariants: an older version never replaces a newer one, unless the whole ledger is told anew;
-- ordered by key, as the index is.
insert into raw.gl_transaction as target (
    entity_id, external_id, booking_date, account_code, amount, booking, line_number, period,
    journal, document_number, relation, description, foreign_amount, foreign_currency,
    axis_combination, opening, version, import_id
)
select
    %(entity_id)s,
    stage.external_id,
    stage.booking_date,
    stage.account_code,
    stage.amount,
    stage.booking,
    stage.line_number,
    stage.period,
    stage.journal,
    stage.document_number,
    stage.relation,
    stage.description,
    stage.foreign_amount,
    stage.foreign_currency,
    stage.combination,
    stage.opening,
    stage.version,
    %(import_id)s
from stage
where stage.operation = 'l'
order by stage.external_id
on conflict (entity_id, external_id) do update set
    booking_date = excluded.booking_date,
    account_code = excluded.account_code,
    amount = excluded.amount,
    booking = excluded.booking,
    line_number = excluded.line_number,
    period = excluded.period,
    journal = excluded.journal,
    document_number = excluded.document_number,
    relation = excluded.relation,
    description = excluded.description,
    foreign_amount = excluded.foreign_amount,
    foreign_currency = excluded.foreign_currency,
    axis_combination = excluded.axis_combination,
    opening = excluded.opening,
    version = excluded.version,
    import_id = excluded.import_id
where
(target.version <= excluded.version or %(whole)s)
and (
    target.booking_date, target.account_code, target.amount, target.booking,
    target.line_number, target.period, target.journal, target.document_number,
    target.relation, target.description, target.foreign_amount, target.foreign_currency,
    target.axis_combination, target.opening, target.version
) is distinct from (
    excluded.booking_date, excluded.account_code, excluded.amount, excluded.booking,
    excluded.line_number, excluded.period, excluded.journal, excluded.document_number,
    excluded.relation, excluded.description, excluded.foreign_amount, excluded.foreign_currency,
    excluded.axis_combination, excluded.opening, excluded.version
)
