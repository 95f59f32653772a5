-- Purpose: which report line each account of an entity stands on, as mapped now.
-- Grain: account; also "(result)", for results of earlier years that no entry carried over.
-- Inputs: raw.account, app.chosen_line, app.account_class, app.account_mapping of the entity's structure: the
-- chosen one, or that of its country.
-- Invariants: every account has a statement and a line, if only the line Unmapped. What a person chose goes
-- before the structure's longest prefix. credit_line is null unless the account stands elsewhere while its
-- balance is a credit. A choice tells the statement only where the source does not; the account that takes
-- the result stands on the balance sheet.
with entity as (
    select
        entities.*,
        coalesce(
            entities.structure_id,
            (select id from app.reporting_structure where country = entities.country),
            (select id from app.reporting_structure where country is null)
        ) as structure
    from app.entity as entities
    where entities.id = %(entity_id)s
),

class_country as (
    select
        case
            when exists (select from app.account_class where country = entity.country) then entity.country
        end as country
    from entity
),

leaves as (
    select
        lines.line,
        lines.statement
    from app.report_line as lines
    inner join entity on lines.structure_id = entity.structure
    where
        lines.statement in ('balance_sheet', 'profit_and_loss')
        and (lines.role is null or lines.role = 'cash')
        and not exists (
            select from app.report_line as children
            where children.structure_id = lines.structure_id and children.parent = lines.line
        )
),

chosen as (
    select
        choices.account_code as code,
        choices.line,
        leaves.statement
    from app.chosen_line as choices
    inner join entity on choices.entity_id = entity.id and choices.structure_id = entity.structure
    inner join leaves on choices.line = leaves.line
    where choices.axis = ''
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
                    where structure_id = (select structure from entity)
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
    where classes.country is not distinct from (select country from class_country)
    order by beginnings.code asc, beginnings.length desc
),

typed as (
    select
        accounts.code,
        accounts.name,
        entity.structure as structure_id,
        case
            when accounts.code = entity.result_account then 'balance_sheet'
            else coalesce(accounts.type, chosen.statement, classed.type, 'balance_sheet')
        end as type
    from accounts
    cross join entity
    left join chosen on accounts.code = chosen.code
    left join classed on accounts.code = classed.code
),

-- The line of each side of the balance: that of the longest prefix which holds for the side.
sided as (
    select distinct on (typed.code, sides.side)
        typed.code,
        sides.side,
        mappings.line
    from typed
    cross join (values ('debit'), ('credit')) as sides (side)
    inner join beginnings on typed.code = beginnings.code
    inner join app.account_mapping as mappings
        on
            typed.structure_id = mappings.structure_id
            and typed.type = mappings.statement
            and beginnings.prefix = mappings.prefix
            and mappings.side in ('', sides.side)
    order by typed.code asc, sides.side asc, beginnings.length desc, mappings.side desc
),

lined as (
    select
        typed.*,
        coalesce(chosen.line, debits.line, 'unmapped:' || typed.type) as line,
        coalesce(chosen.line, credits.line, 'unmapped:' || typed.type) as credit_line
    from typed
    left join chosen on typed.code = chosen.code and typed.type = chosen.statement
    left join sided as debits on typed.code = debits.code and debits.side = 'debit'
    left join sided as credits on typed.code = credits.code and credits.side = 'credit'
)

select
    code as account_code,
    name,
    structure_id,
    type,
    line,
    nullif(credit_line, line) as credit_line
from lined
union all
select
    '(result)',
    'Result carried forward',
    structure,
    'balance_sheet',
    '(result)',
    null
from entity
