-- Purpose: the whole booking that a ledger line is of, a page at a time.
-- Grain: ledger line, one more than a page; in the order of their numbers, those after the given one.
-- Invariants: a line without a booking is shown alone.
select transactions.*
from mapped.transactions as transactions
where
    transactions.entity_id = %(entity_id)s
    and case
        when %(booking)s::text is null then transactions.external_id = %(external_id)s
        else transactions.booking = %(booking)s
    end
    and (
        length(coalesce(transactions.line_number, '')),
        coalesce(transactions.line_number, ''),
        transactions.external_id
    ) > (length(%(after_number)s::text), %(after_number)s::text, %(after)s::text)
order by
    length(coalesce(transactions.line_number, '')),
    coalesce(transactions.line_number, ''),
    transactions.external_id
limit %(most)s
