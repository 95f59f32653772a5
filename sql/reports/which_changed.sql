-- Purpose: how far the balances may differ from the published ones.
-- Grain: one row. anything: not known which do; turned: lines stand elsewhere in reports than where their
-- date and their source have them.
select
    exists(
        select from raw.changed_balance
        where entity_id = %(entity_id)s and account_code = ''
    ) as anything,
    (
        exists (select from raw.line_role where entity_id = %(entity_id)s)
        or exists (select from mapped.line_month where entity_id = %(entity_id)s)
    ) as turned
