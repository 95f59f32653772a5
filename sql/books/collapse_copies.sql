-- Purpose: of a key delivered more than once, keep one line of the highest version.
delete from stage
using (
    select
        ctid as place,
        row_number() over (partition by external_id order by version desc, ctid asc) as nth
    from stage
    where operation = 'l'
) as copies
where stage.ctid = copies.place and copies.nth > 1
