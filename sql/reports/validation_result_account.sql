-- Purpose: a result account that is one of profit and loss: what is booked on it would be missing there.
-- Grain: the entity, where it has such a result account.
-- Inputs: what the source says of the account, and else the classes of the country (app.account_class).
select
    'result_account_unfit' as code,
    entities.result_account as subject,
    '' as period,
    null::date as fiscal_year_start,
    null::date as month,
    null::numeric as expected,
    null::numeric as found,
    null::int as number,
    null::jsonb as parts,
    'Account ' || entities.result_account || ' is set as the result account of the entity, but it is one '
    || 'of profit and loss: its own figures are missing there. Set an account of equity.' as message
from app.entity as entities
left join raw.account as accounts
    on entities.id = accounts.entity_id and entities.result_account = accounts.code
left join lateral (
    select classes.type
    from app.account_class as classes
    where
        classes.country is not distinct from (
            select known.country from app.account_class as known
            where known.country = entities.country
            limit 1
        )
        and starts_with(entities.result_account, classes.prefix)
    order by length(classes.prefix) desc
    limit 1
) as class on true
where entities.id = %(entity_id)s and coalesce(accounts.type, class.type) = 'profit_and_loss'
