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

-- What a code begins with, as far as a mapping or a class may name it: equals are found by hashing, where
-- comparing each account with each prefix would take their product.
beginnings as (
    select
        accounts.code,
        left(accounts.code, lengths.length) as prefix,
        lengths.length
    from accounts
    cross join lateral generate_series(
        0,
        least(
            length(accounts.code),
            (
                select max(length(prefixes.prefix))
                from (
                    select prefix from app.account_mapping
                    union all
                    select prefix from app.account_class
                ) as prefixes
            )
        )
    ) as lengths (length)
),

classed as (
    select distinct on (beginnings.code)
        beginnings.code,
        classes.type
    from beginnings
    inner join app.account_class as classes on beginnings.prefix = classes.prefix
    where classes.country is not distinct from (select class_country from entity)
    order by beginnings.code asc, beginnings.length desc
),

typed as (
    select
        accounts.code,
        accounts.name,
        entity.structure_id,
        case
            when accounts.code = entity.result_account then 'balance_sheet'
            else coalesce(accounts.type, classed.type, 'balance_sheet')
        end as type
    from accounts
    cross join entity
    left join classed on accounts.code = classed.code
),

lined as (
    select distinct on (typed.code)
        typed.code,
        mappings.line
    from typed
    inner join beginnings on typed.code = beginnings.code
    inner join app.account_mapping as mappings
        on
            typed.structure_id = mappings.structure_id
            and typed.type = mappings.statement
            and beginnings.prefix = mappings.prefix
    order by typed.code asc, beginnings.length desc
)

select
    typed.code as account_code,
    typed.name,
    typed.structure_id,
    typed.type,
    coalesce(lined.line, 'unmapped:' || typed.type) as line
from typed
left join lined on typed.code = lined.code
union all
select
    '(result)',
    'Result carried forward',
    structure_id,
    'balance_sheet',
    '(result)'
from entity
