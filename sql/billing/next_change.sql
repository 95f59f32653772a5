-- Purpose: the next organisation whose imports are not yet in line with its subscription.
-- Grain: organisation, locked until its imports are in line; who looks at the same time takes another.
-- state: as billing names it, or unknown where it was not verified for too long.
with current_states as (
    select
        id,
        case
            when subscription = any(%(paying)s) and subscription_read_at < %(verified_since)s then 'unknown'
            else subscription
        end as state
    from app.organisation
)

select
    organisations.id,
    organisations.name,
    organisations.subscription,
    organisations.subscription_read_at,
    organisations.subscription_applied,
    current_states.state
from app.organisation as organisations
inner join current_states on organisations.id = current_states.id
where current_states.state is distinct from organisations.subscription_applied
order by organisations.id
limit 1
for no key update of organisations skip locked
