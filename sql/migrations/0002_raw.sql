-- Purpose: the books as the source tells them, one row per ledger line.

create schema raw;

-- placeholder: lines use the account, but no account list has named it yet.
create table raw.account (
    entity_id bigint not null references app.entity,
    code text not null check (code <> ''),
    name text not null,
    type text check (type in ('balance_sheet', 'profit_and_loss')),
    placeholder boolean not null default false,
    primary key (entity_id, code)
);

create table raw.axis_value (
    entity_id bigint not null references app.entity,
    axis text not null,
    code text not null,
    name text not null,
    primary key (entity_id, axis, code)
);

-- A small integer stands for a set of axis values on a line; 0, without a row here, for none.
create table raw.axis_combination (
    entity_id bigint not null references app.entity,
    id int not null check (id > 0),
    axis_values jsonb not null,
    primary key (entity_id, id),
    unique (entity_id, axis_values)
);

-- Grain: one ledger line. amount: entity currency, debit positive.
-- Accounts carry no foreign key: the loader adds a placeholder in the same transaction, and a check
-- per line would double the time of a first load.
create table raw.gl_transaction (
    entity_id bigint not null,
    external_id text not null,
    booking_date date not null,
    account_code text not null,
    amount numeric(19, 4) not null,
    booking text,
    line_number text,
    period text,
    journal text,
    document_number text,
    relation text,
    description text,
    foreign_amount numeric(19, 4),
    foreign_currency text,
    axis_combination int not null default 0,
    opening boolean not null default false,
    version bigint not null default 0,
    import_id bigint not null,
    primary key (entity_id, external_id)
);

-- Whole bookings are replaced and shown.
create index gl_transaction_booking on raw.gl_transaction (entity_id, booking)
where booking is not null;

-- Grain: account, month, axis combination, opening entries apart. Debit and credit are sums of lines
-- of their side. Kept equal to the lines by every transaction that changes lines, so that nothing
-- that asks about a month has to read them again.
create table raw.month_balance (
    entity_id bigint not null references app.entity,
    account_code text not null,
    month date not null,
    axis_combination int not null,
    opening boolean not null,
    debit numeric(21, 4) not null,
    credit numeric(21, 4) not null,
    lines bigint not null check (lines > 0),
    primary key (entity_id, account_code, month, axis_combination, opening)
);
