-- Purpose: the reporting structure of an entity and the report tables made from its books.

-- A tree of report lines. Subtotals are plain sums of their children, because reports show P&L
-- credit-positive and the balance sheet debit-positive. Synchronised from sql/structures.
create table app.reporting_structure (
    id int generated always as identity primary key,
    name text not null unique,
    country text unique
);

create table app.report_line (
    structure_id int not null references app.reporting_structure on delete cascade,
    line text not null,
    statement text not null check (statement in ('balance_sheet', 'profit_and_loss')),
    parent text,
    position int not null,
    level int not null,
    name_en text not null,
    name_nl text not null,
    name_fr text not null,
    role text check (
        role in ('net_result', 'result_of_year', 'result_carried_forward', 'unmapped')
    ),
    primary key (structure_id, line)
);

-- An account belongs to the line with the longest prefix of its code in its own statement.
create table app.account_mapping (
    structure_id int not null,
    statement text not null,
    prefix text not null,
    line text not null,
    primary key (structure_id, statement, prefix),
    foreign key (structure_id, line) references app.report_line on delete cascade
);

-- The statement of an account whose source does not tell, by the first digits of its code.
-- Belgium, France, Luxembourg: classes 6 and 7 (MAR/PCMN, PCG). Elsewhere the decimal plan common in
-- the Netherlands: 0 to 3 balance sheet, 4 to 9 profit and loss.
create table app.account_class (
    country text,
    prefix text not null,
    type text not null check (type in ('balance_sheet', 'profit_and_loss')),
    unique nulls not distinct (country, prefix)
);

insert into app.account_class (country, prefix, type)
select
    country,
    prefix,
    'profit_and_loss' as type
from (values ('BE'), ('FR'), ('LU')) as countries (country)
cross join (values ('6'), ('7')) as prefixes (prefix)
union all
select
    null,
    prefix,
    'profit_and_loss'
from (values ('4'), ('5'), ('6'), ('7'), ('8'), ('9')) as prefixes (prefix);

create schema mapped;

-- Grain: one account of an entity, as mapped by its last import. line is null: unmapped.
create table mapped.account_line (
    entity_id bigint not null references app.entity,
    account_code text not null,
    name text not null,
    type text not null,
    structure_id int not null,
    line text,
    import_id bigint not null,
    primary key (entity_id, account_code)
);

-- Grain: one month of an entity's ledger, first to last without holes.
-- segment_start: the fiscal year whose stated opening balances the running balances start from.
create table mapped.fiscal_month (
    entity_id bigint not null references app.entity,
    month date not null,
    fiscal_year_start date not null,
    segment_start date not null,
    primary key (entity_id, month)
);

create schema marts;

-- Grain: account, month, axis combination, opening or not. The one aggregate of ledger lines.
create table marts.balance_month (
    entity_id bigint not null,
    account_code text not null,
    month date not null,
    axis_combination int not null,
    opening boolean not null,
    debit numeric(21, 4) not null,
    credit numeric(21, 4) not null,
    lines bigint not null,
    import_id bigint not null,
    primary key (entity_id, account_code, month, axis_combination, opening)
);

-- Grain: account and month, where anything is not zero. opening_difference: what the opening
-- entries after a gap in the ledger add at the turn into this month (part of opening).
create table marts.trial_balance (
    entity_id bigint not null,
    account_code text not null,
    month date not null,
    opening numeric(21, 4) not null,
    opening_difference numeric(21, 4) not null,
    debit numeric(21, 4) not null,
    credit numeric(21, 4) not null,
    closing numeric(21, 4) not null,
    import_id bigint not null,
    primary key (entity_id, account_code, month)
);

-- Grain: report line and month; credit positive.
create table marts.profit_and_loss (
    entity_id bigint not null,
    line text not null,
    month date not null,
    amount numeric(21, 4) not null,
    year_to_date numeric(21, 4) not null,
    prior_year numeric(21, 4) not null,
    import_id bigint not null,
    primary key (entity_id, line, month)
);

-- Grain: report line and month; debit positive. amount: balance at the end of the month.
-- year_to_date: change since the start of the fiscal year. prior_year: balance a year before.
create table marts.balance_sheet (
    entity_id bigint not null,
    line text not null,
    month date not null,
    amount numeric(21, 4) not null,
    year_to_date numeric(21, 4) not null,
    prior_year numeric(21, 4) not null,
    import_id bigint not null,
    primary key (entity_id, line, month)
);

-- Grain: one thing about the published figures that someone should look at.
create table marts.validation (
    entity_id bigint not null,
    code text not null,
    subject text not null,
    fiscal_year_start date,
    expected numeric(21, 4),
    found numeric(21, 4),
    message text not null,
    import_id bigint not null
);

create index validation_of_entity on marts.validation (entity_id);

-- Purpose: drill-down from a report line to its ledger lines. reported is false for lines that are
-- newer than the reports.
create view mapped.transactions with (security_invoker = true) as
select
    transactions.*,
    account_line.name as account_name,
    account_line.type as account_type,
    account_line.line as report_line,
    combinations.axis_values,
    coalesce(transactions.import_id <= entities.figures_import_id, false) as reported
from raw.gl_transaction as transactions
inner join app.entity as entities on transactions.entity_id = entities.id
left join mapped.account_line
    on
        transactions.entity_id = account_line.entity_id
        and transactions.account_code = account_line.account_code
left join raw.axis_combination as combinations
    on
        transactions.entity_id = combinations.entity_id
        and transactions.axis_combination = combinations.id;
