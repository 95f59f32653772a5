-- Purpose: what the whole booking of a ledger line adds up to.
-- Grain: one row where the entity has such a line, else none.
-- Invariants: debit and credit are sums of lines of their side, both positive.
with asked as (
    select
        booking,
        external_id
    from raw.gl_transaction
    where entity_id = %(entity_id)s and external_id = %(external_id)s
)

select
    asked.booking,
    sums.*
from asked
cross join lateral (
    select
        count(*) as lines,
        coalesce(sum(greatest(lines.amount, 0)), 0) as debit,
        coalesce(sum(greatest(-lines.amount, 0)), 0) as credit
    from raw.gl_transaction as lines
    where
        lines.entity_id = %(entity_id)s
        and (
            lines.booking = asked.booking
            or (asked.booking is null and lines.external_id = asked.external_id)
        )
) as sums
