-- Purpose: drill-down from a report line to its ledger lines. reported is false for lines that are
-- newer than the reports.
-- Grain: ledger line.
-- Invariants: by the time of the commits, because imports do not run in the order of their requests.
create or replace view mapped.transactions with (security_invoker = true) as
select
    transactions.*,
    account_line.name as account_name,
    account_line.type as account_type,
    account_line.line as report_line,
    combinations.axis_values,
    coalesce(written.raw_committed_at <= reports.marts_committed_at, false) as reported
from raw.gl_transaction as transactions
inner join app.entity as entities on transactions.entity_id = entities.id
left join app.import as written on transactions.import_id = written.id
left join app.import as reports on entities.figures_import_id = reports.id
left join mapped.account_line
    on
        transactions.entity_id = account_line.entity_id
        and transactions.account_code = account_line.account_code
left join raw.axis_combination as combinations
    on
        transactions.entity_id = combinations.entity_id
        and transactions.axis_combination = combinations.id;
