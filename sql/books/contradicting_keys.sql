-- Purpose: keys delivered more than once whose highest version is not one and the same line.
-- Invariants: amounts are the same whatever zeros they were written with.
with ranked as (
    select
        external_id,
        md5((
            to_jsonb(stage)
            || jsonb_build_object(
                'amount', trim_scale(amount), 'foreign_amount', trim_scale(foreign_amount)
            )
        )::text) as content,
        rank() over (partition by external_id order by version desc) as place
    from stage
    where operation = 'l'
)

select external_id
from ranked
where place = 1
group by external_id
having count(distinct content) > 1
order by external_id
limit 101
