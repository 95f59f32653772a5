-- Purpose: amounts that were delivered in another currency than the entity's: they were taken as they are.
-- Grain: administration of the accounting software, or fiscal year of the files that state a currency.
-- Inputs: app.administration, as the software was last read; what applied files said of themselves.
-- Invariants: of files that begin on the same day the last one counts, because it took the place of
-- the others.
with stated as (
    select
        administrations.name as subject,
        administrations.currency,
        '' as period,
        null::date as since
    from app.entity as entities
    inner join app.administration as administrations
        on
            entities.integration_id = administrations.integration_id
            and entities.administration = administrations.id
    where entities.id = %(entity_id)s and administrations.currency <> ''
    union all
    select *
    from (
        select distinct on (substring(uploads.interpretation ->> 'dates' from '^\d{4}-\d\d-\d\d'))
            uploads.file_name,
            left(uploads.interpretation ->> 'currency', 3) as currency,
            substring(uploads.interpretation ->> 'dates' from '^\d{4}-\d\d-\d\d'),
            substring(uploads.interpretation ->> 'dates' from '^\d{4}-\d\d-\d\d')::date
        from app.upload as uploads
        where
            uploads.entity_id = %(entity_id)s
            and uploads.state = 'applied'
            and uploads.interpretation ->> 'dates' ~ '^\d{4}-\d\d-\d\d'
            and uploads.interpretation ->> 'currency' ~ '^[A-Z]{3} '
        order by
            substring(uploads.interpretation ->> 'dates' from '^\d{4}-\d\d-\d\d') asc,
            uploads.applied_number desc
    ) as files
)

select
    'currency_differs' as code,
    stated.subject,
    stated.period,
    stated.since as fiscal_year_start,
    null::date as month,
    null::numeric as expected,
    null::numeric as found,
    null::int as number,
    jsonb_build_array(jsonb_build_array(stated.currency, entities.currency)) as parts,
    stated.subject || ' is in ' || stated.currency || '; the entity is in ' || entities.currency || '.'
        as message
from stated
inner join app.entity as entities on entities.id = %(entity_id)s
where stated.currency <> entities.currency
