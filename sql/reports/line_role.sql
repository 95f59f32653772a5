-- Purpose: the roles of lines at the turn of a year, as the programme judged them.
-- Grain: line that has one.
select *
from unnest(%(lines)s::text[], %(roles)s::text[], %(reasons)s::text[]) as source (external_id, role, reason)
