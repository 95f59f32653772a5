-- Purpose: choices that are given instead of stored, in the place of app.chosen_line.
-- Grain: account.
-- Invariants: the columns of app.chosen_line that reports/account_line.sql reads.
select
    %(entity_id)s::bigint as entity_id,
    %(structure_id)s::int as structure_id,
    given.account_code,
    '' as axis,
    given.line
from unnest(%(codes)s::text[], %(lines)s::text[]) as given (account_code, line)
