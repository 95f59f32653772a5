-- Purpose: which report line each account of an entity stands on, as mapped now.
-- Grain: account; also "(result)", for results of earlier years that no entry carried over.
-- Inputs: raw.account, app.account_class, app.account_mapping of the country's structure.
-- Invariants: every account has a statement and a line, if only the line Unmapped; the account that
-- takes the result stands on the balance sheet.
with entity as (
    select
        entities.*,
        coalesce(
            (select id from app.reporting_structure where country = entities.country),
            (select id from app.reporting_structure where country is null)
        ) as structure_id,
        case
            when exists (select from app.account_class where country = entities.country)
                then entities.country
        end as class_country
    from app.entity as entities
    where entities.id = %(entity_id)s
),

accounts as (
    select
        code,
        name,
        type
    from raw.account where entity_id = %(entity_id)s
    union all
    select
        result_account,
        result_account,
        null
    from entity
    where
        result_account is not null
        and not exists (
            select from raw.account
            where entity_id = %(entity_id)s and code = entity.result_account
        )
),

typed as (
    select
        accounts.code,
        accounts.name,
        entity.structure_id,
        case
            when accounts.code = entity.result_account then 'balance_sheet'
            else coalesce(
                accounts.type,
                (
                    select classes.type
                    from app.account_class as classes
                    where
                        classes.country is not distinct from entity.class_country
                        and starts_with(accounts.code, classes.prefix)
                    order by length(classes.prefix) desc
                    limit 1
                ),
                'balance_sheet'
            )
        end as type
    from accounts
    cross join entity
)

select
    typed.code as account_code,
    typed.name,
    typed.structure_id,
    typed.type,
    coalesce(
        (
            select mappings.line
            from app.account_mapping as mappings
            where
                mappings.structure_id = typed.structure_id
                and mappings.statement = typed.type
                and starts_with(typed.code, mappings.prefix)
            order by length(mappings.prefix) desc
            limit 1
        ),
        'unmapped:' || typed.type
    ) as line
from typed
union all
select
    '(result)',
    'Result carried forward',
    structure_id,
    'balance_sheet',
    '(result)'
from entity
