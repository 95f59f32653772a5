-- Purpose: which of the rarer things an entity has, so that nothing is made of what it has not.
-- Grain: one row.
-- Invariants: what was made of a thing counts as having it, until it is gone too.
select
    exists (select from raw.axis_combination where entity_id = %(entity_id)s)
    or exists (select from marts.axis_report where entity_id = %(entity_id)s) as axes,
    exists (select from app.adjusting_entry where entity_id = %(entity_id)s)
    or exists (select from marts.adjustment where entity_id = %(entity_id)s) as adjustments,
    exists (select from app.chosen_line where entity_id = %(entity_id)s and axis <> '')
    or exists (select from mapped.account_axis_line where entity_id = %(entity_id)s)
    or exists (select from marts.part_balance where entity_id = %(entity_id)s) as parts
