-- Purpose: the statement that an account belongs to: as its source says, and else by the classes of the
-- country, which may be about to change.
-- Grain: one row; type is null where neither says it.
select coalesce(accounts.type, class.type) as type
from (values (%(code)s::text, %(country)s::text)) as asked (code, country)
left join app.entity as entities on entities.key = %(entity_key)s
left join raw.account as accounts on entities.id = accounts.entity_id and asked.code = accounts.code
left join lateral (
    select classes.type
    from app.account_class as classes
    where
        classes.country is not distinct from (
            select known.country from app.account_class as known
            where known.country = coalesce(asked.country, entities.country, 'BE')
            limit 1
        )
        and starts_with(asked.code, classes.prefix)
    order by length(classes.prefix) desc
    limit 1
) as class on true
