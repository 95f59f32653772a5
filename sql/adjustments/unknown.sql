-- Purpose: entries that name an account, a report line or an axis value that the entity does not have.
-- Grain: entry, by its number in the arrays, and what of it is unknown: account, line or axis.
-- Invariants: only lines without lines beneath them take amounts, and none that is computed.
with entries as (
    select *
    from
        unnest(
            %(numbers)s::int[], %(accounts)s::text[], %(lines)s::text[], %(axes)s::text[],
            %(axis_values)s::text[]
        ) as entries (number, account, line, axis, axis_value)
),

structure as (
    select
        coalesce(
            entities.structure_id,
            (select id from app.reporting_structure where country = entities.country),
            (select id from app.reporting_structure where country is null)
        ) as id
    from app.entity as entities
    where entities.id = %(entity_id)s
),

leaves as (
    select lines.line
    from app.report_line as lines
    inner join structure on lines.structure_id = structure.id
    where
        lines.statement in ('balance_sheet', 'profit_and_loss')
        and (lines.role is null or lines.role in ('cash', 'result_carried_forward'))
        and not exists (
            select from app.report_line as children
            where children.structure_id = lines.structure_id and children.parent = lines.line
        )
)

select
    number,
    'account' as what
from entries
where
    account <> ''
    and not exists (
        select from raw.account where entity_id = %(entity_id)s and code = entries.account
    )
union all
select
    number,
    'line'
from entries
where line <> '' and not exists (select from leaves where leaves.line = entries.line)
union all
select
    number,
    'axis'
from entries
where
    axis <> ''
    and not exists (
        select from raw.axis_value
        where
            axis_value.entity_id = %(entity_id)s
            and axis_value.axis = entries.axis
            and axis_value.code = entries.axis_value
    )
order by number, what
