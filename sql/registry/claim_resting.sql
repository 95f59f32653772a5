-- Purpose: connections of a provider that nobody used for a while, each at most once in a pause: whoever
-- claims them tries them out, so that their credentials do not end.
-- Invariants: two that claim at once never get the same connection.
with resting as (
    select id
    from app.integration
    where
        provider = %(provider)s
        and state = 'connected'
        and credentials is not null
        and renewed_at < clock_timestamp() - %(rest)s
        and coalesce(looked_after_at < clock_timestamp() - %(pause)s, true)
    order by renewed_at
    limit %(most)s
    for no key update skip locked
)

update app.integration
set looked_after_at = clock_timestamp()
from resting
where integration.id = resting.id
returning integration.id
