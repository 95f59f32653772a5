-- Purpose: the administrations that a connection sees, as its software told them now.
-- Invariants: what differs is written; what it no longer sees goes from the list, and nothing else of it.
-- An entity that was not found and is in the list again is active.
with told as (
    select *
    from unnest(
        %(ids)s::text[], %(names)s::text[], %(currencies)s::text[], %(months)s::smallint[]
    ) as told (id, name, currency, fiscal_year_start)
),

gone as (
    delete from app.administration as known
    where
        known.integration_id = %(connection_id)s
        and not exists (select from told where told.id = known.id)
),

found as (
    update app.entity as entities
    set status = 'Active'
    from told
    where
        entities.integration_id = %(connection_id)s
        and entities.status = 'Not found'
        and entities.administration = told.id
    returning entities.key
),

looked as (
    update app.integration
    set
        administrations_read_at = clock_timestamp(),
        administrations_looked_at = clock_timestamp()
    where id = %(connection_id)s
),

written as (
    insert into app.administration as known
    (organisation_id, integration_id, id, name, currency, fiscal_year_start)
    select
        integrations.organisation_id,
        integrations.id,
        told.id,
        told.name,
        told.currency,
        told.fiscal_year_start
    from told
    inner join app.integration as integrations on integrations.id = %(connection_id)s
    order by told.id
    on conflict (integration_id, id) do update
        set
            name = excluded.name,
            currency = excluded.currency,
            fiscal_year_start = excluded.fiscal_year_start
        where (known.name, known.currency, known.fiscal_year_start)
        is distinct from (excluded.name, excluded.currency, excluded.fiscal_year_start)
)

select key from found order by key
