-- Purpose: the fiscal year and the segment of the ledger that each of its months belongs to.
-- Grain: month, from the first with lines to the last, without holes.
-- Inputs: the entity's fiscal calendar, which the programme works out.
select *
from unnest(%(months)s::DATE[], %(years)s::DATE[], %(segments)s::DATE[])
    as source (month, fiscal_year_start, segment_start)
