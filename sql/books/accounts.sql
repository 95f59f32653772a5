-- Purpose: the accounts that are stored of an entity, with which those of a file are compared.
-- Grain: one row an account.
-- Inputs: raw.account.
-- Invariants: placeholders, of which no source told a name, are none.
select
    code,
    name,
    type
from raw.account
where entity_id = %(entity_id)s and not placeholder
order by code
