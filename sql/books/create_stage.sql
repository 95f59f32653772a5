-- Purpose: where the lines of a delivery land before anything is compared or changed.
-- Grain: one delivered line (operation l), deleted key (d) or replaced booking (b).
-- Invariants: private to the session, gone at commit; text only where the wire is text.
create temporary table stage (
    operation char(1) not null,
    external_id text,
    booking_date date,
    account_code text,
    amount numeric,
    booking text,
    line_number text,
    period text,
    journal text,
    document_number text,
    relation text,
    description text,
    foreign_amount numeric,
    foreign_currency text,
    opening boolean,
    version bigint,
    combination int
) on commit drop
