-- Purpose: whether the figures of an entity could be others than the published ones, without making them.
-- Grain: one row.
-- Inputs: raw.changed_balance, where every commit that touches lines notes their balances; what places the
-- accounts and is told with the figures.
-- Invariants: changed is false only where no line was touched since. Equal mapped_from: equal balances are
-- placed and judged alike. published: what the published figures were made from; null where there are none.
select
    exists(select from raw.changed_balance where entity_id = entities.id) as changed,
    (
        exists (select from app.adjusting_entry where entity_id = entities.id)
        or exists (select from marts.adjustment where entity_id = entities.id)
    ) as adjusted,
    published.balances_from as published,
    concat_ws(
        '|',
        entities.country,
        coalesce(entities.structure_id, 0),
        coalesce(entities.result_account, ''),
        coalesce(entities.primary_axis, ''),
        entities.currency,
        entities.settings,
        (
            select string_agg(administrations::text, '|')
            from (
                select
                    administrations.name,
                    administrations.currency
                from app.administration as administrations
                where
                    administrations.integration_id = entities.integration_id
                    and administrations.id = entities.administration
            ) as administrations
        ),
        (
            select md5(string_agg(accounts::text, '|' order by accounts.code))
            from (
                select
                    code,
                    name,
                    type,
                    placeholder
                from raw.account
                where entity_id = entities.id
            ) as accounts
        ),
        (
            select md5(string_agg(choices::text, '|' order by choices::text))
            from app.chosen_line as choices
            where choices.entity_id = entities.id
        ),
        (
            select md5(string_agg(classes::text, '|' order by classes::text))
            from app.account_class as classes
        ),
        structures.id,
        (
            select md5(string_agg(lines::text, '|' order by lines.line))
            from app.report_line as lines
            where lines.structure_id = structures.id
        ),
        (
            select
                md5(
                    string_agg(
                        mappings::text, '|' order by mappings.statement, mappings.prefix, mappings.side
                    )
                )
            from app.account_mapping as mappings
            where mappings.structure_id = structures.id
        )
    ) as mapped_from
from app.entity as entities
left join app.reporting_structure as structures
    on
        structures.id = coalesce(
            entities.structure_id,
            (select id from app.reporting_structure where country = entities.country),
            (select id from app.reporting_structure where country is null)
        )
left join app.import as published on entities.figures_import_id = published.id
where entities.id = %(entity_id)s
