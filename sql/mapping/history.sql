-- Purpose: the last changes of an entity's mapping on the structure that it is read by: whole acts of people.
-- Grain: placing that an act changed, the latest act first; of each act as many as are shown.
-- Invariants: placings: how many the act changed.
with acts as (
    select
        change,
        max(id) as last_id,
        count(*) as placings
    from app.chosen_line_change
    where entity_id = %(entity_id)s and structure_id = %(structure_id)s
    group by change
    order by max(id) desc
    limit %(most)s
),

numbered as (
    select
        changes.*,
        acts.last_id,
        acts.placings,
        row_number() over (
            partition by changes.change order by changes.account_code, changes.axis, changes.axis_value
        ) as place
    from acts
    inner join app.chosen_line_change as changes on acts.change = changes.change
    where changes.entity_id = %(entity_id)s and changes.structure_id = %(structure_id)s
)

select
    change,
    structure_id,
    person,
    changed_at,
    placings,
    account_code as account,
    axis,
    axis_value as value,
    line_before,
    line_after,
    comment_before,
    comment_after
from numbered
where place <= %(shown)s
order by last_id desc, place asc
