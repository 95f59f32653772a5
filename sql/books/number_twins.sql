-- Purpose: rows without an id of their own are known by their content; equal rows are as many rows.
-- Invariants: the first keeps its key, so that a row that stays alone keeps it from import to import.
update stage
set external_id = stage.external_id || '#' || twins.nth
from (
    select
        ctid as place,
        row_number() over (partition by external_id order by ctid) as nth
    from stage
    where operation = 'l'
) as twins
where stage.ctid = twins.place and twins.nth > 1
