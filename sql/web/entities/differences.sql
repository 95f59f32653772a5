-- Purpose: the accounts of an entity that stood at something else in the accounting software when the two
-- were last compared.
-- Grain: account, the largest difference first; of at most a hundred.
select
    differences.account_code,
    accounts.name,
    differences.theirs,
    differences.ours,
    differences.difference
from app.entity as entities
inner join lateral (
    select import_id
    from raw.tie_out
    where tie_out.entity_id = entities.id
    order by tie_out.import_id desc
    limit 1
) as latest on true
inner join raw.tie_out_difference as differences
    on entities.id = differences.entity_id and latest.import_id = differences.import_id
left join raw.account as accounts
    on differences.entity_id = accounts.entity_id and differences.account_code = accounts.code
where entities.key = %(key)s
order by abs(differences.difference) desc, differences.account_code
