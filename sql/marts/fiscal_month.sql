-- Purpose: the fiscal year and the segment of the ledger that each of its months belongs to.
-- Grain: month, from the first with lines to the last, without holes.
-- Inputs: the entity's fiscal calendar, which the programme works out.
merge into mapped.fiscal_month as target
using (
    select *
    from unnest(%(months)s::DATE[], %(years)s::DATE[], %(segments)s::DATE[])
        as source (month, fiscal_year_start, segment_start)
) as source
    on target.entity_id = %(entity_id)s and target.month = source.month
when matched and (target.fiscal_year_start, target.segment_start)
is distinct from (source.fiscal_year_start, source.segment_start) then
    update
        set
            fiscal_year_start = source.fiscal_year_start,
            segment_start = source.segment_start
when not matched then
    insert (entity_id, month, fiscal_year_start, segment_start)
    values (%(entity_id)s, source.month, source.fiscal_year_start, source.segment_start)
when not matched by source and target.entity_id = %(entity_id)s then delete
