-- Purpose: what a delivery held, to compare with what its source says.
select
    count(*) as fetched,
    coalesce(sum(amount) filter (where amount > 0), 0) as debit,
    coalesce(-sum(amount) filter (where amount < 0), 0) as credit
from stage
where operation = 'l'
