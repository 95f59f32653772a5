-- Purpose: what is wrong with published figures, month by month; bookings that do not balance are kept, so
-- that months can be judged without reading lines again; and adjusting entries of people beside the ledger.

-- Grain: booking whose lines do not add up to zero. booking_date: of its first line; balance: debit positive.
-- Invariants: kept equal to the lines by the transaction that writes them.
create table raw.unbalanced_booking (
    entity_id bigint not null references app.entity,
    booking text not null,
    booking_date date not null,
    balance numeric(21, 4) not null check (balance <> 0),
    primary key (entity_id, booking)
);

call app.protect('raw.unbalanced_booking');

insert into raw.unbalanced_booking (entity_id, booking, booking_date, balance)
select
    entity_id,
    booking,
    min(booking_date),
    sum(amount)
from raw.gl_transaction
where booking is not null
group by entity_id, booking
having sum(amount) <> 0;

-- Grain: one thing about the published figures that someone should look at, of a month, of a fiscal year or
-- of all of the books. period: which of them, as 2025-03 or 2025-01-01, empty for all of the books.
-- month: the first month that it is about. number: how many accounts or bookings it is about; parts: the
-- largest of them with their amounts, as texts.
alter table marts.validation
add column period text not null default '',
add column month date check (extract(day from month) = 1),
add column number int,
add column parts jsonb check (jsonb_typeof(parts) = 'array');

update marts.validation
set
    period = case
        when code = 'opening_added' or code like '%\_unsure' then subject
        else coalesce(fiscal_year_start::text, '')
    end,
    month = case
        when code = 'opening_added' then (subject || '-01')::date
        else date_trunc('month', fiscal_year_start::timestamp)::date
    end;

drop index marts.validation_of_entity;

alter table marts.validation
alter column period drop default,
add primary key (entity_id, code, subject, period);

-- Grain: adjusting entry of a person, beside the ledger and never in it: on an account, or on a line of a
-- statement. amount: debit positive, as in the ledger. axis_value: what of an axis it is about.
-- Invariants: those of a month that were not removed add up to zero. A removed one stays, with who did that.
create table app.adjusting_entry (
    id bigint generated always as identity primary key,
    entity_id bigint not null references app.entity,
    month date not null check (extract(day from month) = 1),
    account_code text check (account_code <> ''),
    line text check (line <> ''),
    axis text check (axis <> ''),
    axis_value text check (axis_value <> ''),
    amount numeric(19, 4) not null check (amount <> 0),
    reason text not null check (reason <> ''),
    added_at timestamptz not null default clock_timestamp(),
    added_by text not null,
    removed_at timestamptz,
    removed_by text,
    check ((account_code is null) <> (line is null)),
    check ((axis is null) = (axis_value is null)),
    check ((removed_at is null) = (removed_by is null))
);

call app.protect('app.adjusting_entry');

create index adjusting_entry_of_month on app.adjusting_entry (entity_id, month);

-- Grain: report line, subtotals too, and month in which adjusting entries change its figures.
-- Invariants: to be added to amount and year_to_date of marts.profit_and_loss (credit positive) or
-- marts.balance_sheet (debit positive).
create table marts.adjustment (
    entity_id bigint not null,
    line text not null,
    month date not null,
    amount numeric(21, 4) not null,
    year_to_date numeric(21, 4) not null,
    primary key (entity_id, line, month)
);

call app.protect('marts.adjustment');
