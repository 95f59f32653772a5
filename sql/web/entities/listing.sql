-- Purpose: how many entities match a search, by status; how many of those that match the filter too there
-- are, can be synchronised, and come before the first one of a page.
-- Grain: one row. keys: of those that can be synchronised, where they are asked for.
-- Inputs: patterns: the words of the search, for `like`; state: the filter, or null; first: the key of the
-- first entity of the page, or null.
-- Invariants: as the gate and the cards: who pays, is connected and whose last import did not fail within the
-- hour can ask; not again while it runs, or someone's request waits; ledger files, and software without a
-- connector, are not synchronised. Who pays is looked up once, not joined: a server that takes searches to
-- match few entities would compare each with every organisation.
select
    count(*) filter (where state = 'waiting') as waiting,
    count(*) filter (where state = 'in_progress') as in_progress,
    count(*) filter (where state = 'succeeded') as succeeded,
    count(*) filter (where state = 'failed') as failed,
    count(*) filter (where state = 'never') as never,
    count(*) filter (where wanted) as matching,
    count(*) filter (where wanted and can_sync) as syncable,
    count(*) filter (where wanted and (name, key) < (first_name, %(first)s)) as before,
    case
        when %(with_keys)s
            then coalesce(
                array_agg(key order by name, key) filter (where %(with_keys)s and wanted and can_sync), '{}'
            )
    end as keys
from (
    select
        listed.name,
        listed.key,
        listed.state,
        first.name as first_name,
        %(state)s::text is null or listed.state = %(state)s as wanted,
        listed.organisation_id in (
            select id from app.organisation
            where
                subscription = any(%(paying)s)
                and coalesce(subscription_read_at >= %(verified_since)s, true)
        )
        and listed.status = 'Active'
        and listed.connection = 'connected'
        and listed.provider = any(%(connectors)s)
        and listed.alive is not true
        and (listed.outcome is distinct from 'failed' or listed.ended_at <= %(failed_until)s)
        and coalesce(listed.waiting_trigger = any(%(moved_up)s), true) as can_sync
    from app.listed_entity as listed
    left join app.listing as first on first.key = %(first)s
    where listed.name like all(%(patterns)s::text[])
    offset 0 -- so that each state is made out once
) as entities
