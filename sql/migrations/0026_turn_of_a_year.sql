-- Purpose: what lines do at the turn of a fiscal year besides moving their account: they open or close it.

-- Grain: line that opens or closes a year without its source having said so of itself (`opening` of
-- raw.gl_transaction says what the source said). reason: what it was told from.
-- Invariants: judged anew from the lines whenever reports are made; the lines themselves stay as they came.
create table raw.line_role (
    entity_id bigint not null references app.entity,
    external_id text not null,
    role text not null check (role in ('opening', 'result closing', 'balance closing')),
    reason text not null check (reason in ('period', 'journal', 'description', 'amounts')),
    primary key (entity_id, external_id)
);

call app.protect('raw.line_role');

-- The days on which fiscal years begin and end: without it each import would read all lines of an entity.
create index gl_transaction_turn on raw.gl_transaction (entity_id, booking_date)
where extract(day from booking_date) = 1 or extract(day from booking_date + 1) = 1;

-- closing: '' for what moves an account; 'result' for entries that empty profit and loss accounts, which
-- count at the turn into the next year; 'balance' for those that empty the balance sheet: they count nowhere.
alter table marts.balance_month
add closing text not null default '' check (closing in ('', 'result', 'balance')),
drop constraint balance_month_pkey,
add primary key (entity_id, account_code, month, axis_combination, opening, closing);

-- closing_entries: what the entries that close the year add to the balance at the end of its last month.
alter table marts.trial_balance add closing_entries numeric(21, 4) not null default 0;

-- Purpose: drill-down from a report line to its ledger lines. reported is false for lines that are newer than
-- the reports. role: what a line does at the turn of a year, and what says so.
-- Grain: ledger line.
-- Invariants: by the time of the commits, because imports do not run in the order of their requests.
create or replace view mapped.transactions with (security_invoker = true) as
select
    transactions.*,
    account_line.name as account_name,
    account_line.type as account_type,
    account_line.line as report_line,
    combinations.axis_values,
    coalesce(written.raw_committed_at <= reports.marts_committed_at, false) as reported,
    coalesce(roles.role, case when transactions.opening then 'opening' end) as role,
    coalesce(roles.reason, case when transactions.opening then 'source' end) as role_reason
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
        and transactions.axis_combination = combinations.id
left join raw.line_role as roles
    on
        transactions.entity_id = roles.entity_id
        and transactions.external_id = roles.external_id;

-- Grain: line that reports count in another month than that of its date: in its period, as the software has
-- it. Within its fiscal year: yearly figures are the same.
create table mapped.line_month (
    entity_id bigint not null references app.entity,
    external_id text not null,
    month date not null check (extract(day from month) = 1),
    primary key (entity_id, external_id)
);

call app.protect('mapped.line_month');
