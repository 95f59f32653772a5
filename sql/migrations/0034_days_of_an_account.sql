-- Purpose: statements that read all lines of an entity read them in the order of the table again.
-- Invariants: whoever looks for days of an entity asks for `entity_id + 0`. An index of the plain column is
-- taken for lists of all lines too, because it is small: the server then reads line by line what lies
-- together, which takes twice as long (seen on a million lines with PostgreSQL 18.6).
drop index raw.gl_transaction_days;

create index gl_transaction_days on raw.gl_transaction using brin ((entity_id + 0), booking_date)
with (pages_per_range = 32);
