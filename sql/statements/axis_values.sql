-- Purpose: the values of analytical axes that an entity has figures of, to choose one.
-- Grain: axis and value, '' for lines without one of that axis; at most so many.
with known as (
    select
        axis,
        code as axis_value,
        name
    from raw.axis_value
    where entity_id = %(entity_id)s
    union
    select
        axis,
        '',
        ''
    from raw.axis_value
    where entity_id = %(entity_id)s
)

select
    known.axis,
    known.axis_value as value,
    known.name
from known
where
    exists (
        select from marts.axis_report as figures
        where
            figures.entity_id = %(entity_id)s
            and figures.axis = known.axis
            and figures.axis_value = known.axis_value
    )
order by known.axis, known.axis_value
limit %(most)s
