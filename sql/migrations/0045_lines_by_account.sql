-- Purpose: the ledger lines of an account in a span of months without reading all other lines of the span.
-- Invariants: 1.3 MB for a million lines; the vacuum after they came sums lines up, and until then they are
-- read, so that writing them costs no more. Of two pages of the table each it tells the entities, the days
-- and, by a Bloom filter, the accounts. Whoever asks for it asks by its expression of the entity: an index of
-- the plain column is taken for lists of all lines too, which it makes slower. And the web role may use an
-- index only by operators that tell nothing of rows that it must not see: a sum may, by an overflow.
drop index raw.gl_transaction_days;

create index gl_transaction_days on raw.gl_transaction using brin (
    (case when entity_id > 0 then entity_id end),
    booking_date,
    account_code text_bloom_ops (n_distinct_per_range = 64)
)
with (pages_per_range = 2);
