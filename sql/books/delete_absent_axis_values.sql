-- Purpose: an axis value that the whole list no longer names goes, unless lines still use it.
with used as (
    select distinct
        axis_values.axis,
        axis_values.code
    from raw.month_balance as balances
    inner join raw.axis_combination as combinations
        on balances.entity_id = combinations.entity_id and balances.axis_combination = combinations.id
    cross join lateral jsonb_each_text(combinations.axis_values) as axis_values (axis, code)
    where balances.entity_id = %(entity_id)s
)

delete from raw.axis_value
where
    entity_id = %(entity_id)s
    and jsonb_build_array(axis, code) <> all(%(keys)s::jsonb[])
    and not exists (select from used where used.axis = axis_value.axis and used.code = axis_value.code)
