-- Purpose: what the checks of an entity's published figures found.
-- Grain: finding, of a month, a fiscal year or all of the books; of each code the first hundred, and in
-- `findings` how many there are.
select
    code,
    subject,
    fiscal_year_start,
    month,
    expected,
    found,
    number,
    parts,
    message,
    findings
from (
    select
        validations.*,
        count(*) over (partition by code) as findings,
        row_number() over (partition by code order by month, fiscal_year_start, subject) as place
    from marts.validation as validations
    where validations.entity_id = %(entity_id)s
) as numbered
where place <= 100
order by month, fiscal_year_start, code, subject
