-- Purpose: the accounts on which an import differs from the software's own trial balance.
-- Grain: account, the largest difference first; of at most a hundred.
select
    differences.account_code as account,
    differences.theirs,
    differences.ours,
    differences.difference
from app.import as imports
inner join raw.tie_out_difference as differences
    on imports.entity_id = differences.entity_id and imports.id = differences.import_id
where imports.id = :import_id
order by abs(differences.difference) desc, differences.account_code
