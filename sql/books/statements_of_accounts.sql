-- Purpose: the statements of an entity's accounts and of those that a file uses, as the next reports would
-- have them.
-- Grain: account. is_new: no list named it yet. is_classed: its code is one of the country's classes, or
-- begins with a digit as codes of a decimal chart do.
with entity as (
    select
        entities.country,
        entities.result_account,
        (
            select known.country from app.account_class as known
            where known.country = entities.country
            limit 1
        ) as class_country
    from app.entity as entities
    where entities.id = %(entity_id)s
),

accounts as (
    select
        coalesce(known.code, used.code) as code,
        known.type,
        known.code is null or known.placeholder as is_new
    from (select * from raw.account where entity_id = %(entity_id)s) as known
    full join unnest(%(codes)s::text[]) as used (code) on known.code = used.code
)

select
    accounts.code,
    accounts.is_new,
    accounts.code ~ '^[0-9]' as is_classed,
    case
        when accounts.code = entity.result_account then 'balance_sheet'
        else coalesce(accounts.type, class.type, 'balance_sheet')
    end as type
from accounts
cross join entity
left join lateral (
    select classes.type
    from app.account_class as classes
    where
        classes.country is not distinct from entity.class_country
        and starts_with(accounts.code, classes.prefix)
    order by length(classes.prefix) desc
    limit 1
) as class on true
order by accounts.code
