-- Purpose: which structure an entity is read by, where people place its accounts, and the marts of cash flow
-- and of analytical axes.

-- The structure of its country, unless one is chosen; the axis whose values may place an account elsewhere.
alter table app.entity
add column structure_id int references app.reporting_structure,
add column primary_axis text check (primary_axis <> '');

-- cash_flow_line: the line of the cash flow statement that a leaf of the other two counts in.
-- Roles: cash, what is held at once, on a leaf or above some; opening_cash, net_cash_flow and closing_cash,
-- the lines of a cash flow statement that are computed.
alter table app.report_line
drop constraint report_line_statement_check,
drop constraint report_line_role_check,
add constraint report_line_statement_check check (
    statement in ('balance_sheet', 'profit_and_loss', 'cash_flow')
),
add constraint report_line_role_check check (
    role in (
        'net_result', 'result_of_year', 'result_carried_forward', 'unmapped',
        'cash', 'opening_cash', 'net_cash_flow', 'closing_cash'
    )
),
add column cash_flow_line text,
add constraint cash_flow_line_of_the_structure foreign key (structure_id, cash_flow_line)
references app.report_line (structure_id, line) deferrable initially deferred;

-- side: the accounts belong to the line while their balance is on that side; '' on either.
alter table app.account_mapping
add column side text not null default '' check (side in ('', 'debit', 'credit')),
drop constraint account_mapping_pkey,
add primary key (structure_id, statement, prefix, side);

-- Grain: account of an entity, or account and value of an axis, that someone placed on a line.
-- Invariants: made in advance for accounts that have no lines yet; one whose line is gone from the structure,
-- is no leaf, or is of another statement than its account's, places nothing until it is again.
create table app.chosen_line (
    entity_id bigint not null references app.entity,
    structure_id int not null references app.reporting_structure,
    account_code text not null check (account_code <> ''),
    axis text not null default '',
    axis_value text not null default '',
    line text not null,
    comment text not null default '',
    primary key (entity_id, structure_id, account_code, axis, axis_value),
    check ((axis = '') = (axis_value = ''))
);

call app.protect('app.chosen_line');

-- Grain: what one change of a person did to one placing. change: those that were made at once, and that are
-- undone at once. line_before, line_after: null where there was none, or is none any more.
create table app.chosen_line_change (
    id bigint generated always as identity primary key,
    entity_id bigint not null references app.entity,
    structure_id int not null references app.reporting_structure,
    change uuid not null,
    account_code text not null,
    axis text not null,
    axis_value text not null,
    line_before text,
    line_after text,
    comment_before text,
    comment_after text,
    person text not null,
    changed_at timestamptz not null default clock_timestamp()
);

call app.protect('app.chosen_line_change');

create index chosen_line_change_of_entity on app.chosen_line_change (entity_id, id desc);

-- credit_line: where the account stands while its balance is a credit; null: on its line, as always.
alter table mapped.account_line add column credit_line text;

-- Grain: account and value of the entity's primary axis that stand elsewhere than the rest of the account.
create table mapped.account_axis_line (
    entity_id bigint not null references app.entity,
    account_code text not null,
    axis_value text not null,
    line text not null,
    import_id bigint not null,
    primary key (entity_id, account_code, axis_value)
);

call app.protect('mapped.account_axis_line');

-- Grain: line of the cash flow statement and month. amount: what came in (+) or went out (-) in the month;
-- of opening_cash and closing_cash the balance. year_to_date: since the start of the fiscal year.
create table marts.cash_flow (
    entity_id bigint not null,
    line text not null,
    month date not null,
    amount numeric(21, 4) not null,
    year_to_date numeric(21, 4) not null,
    prior_year numeric(21, 4) not null,
    import_id bigint not null,
    primary key (entity_id, line, month)
);

call app.protect('marts.cash_flow');

-- Grain: axis, its value ('' where lines have none), leaf of a statement, and month with movements.
-- amount: what moved; profit and loss credit positive, balance sheet debit positive.
create table marts.axis_report (
    entity_id bigint not null,
    axis text not null,
    axis_value text not null,
    line text not null,
    month date not null,
    amount numeric(21, 4) not null,
    import_id bigint not null,
    primary key (entity_id, axis, axis_value, line, month)
);

call app.protect('marts.axis_report');
