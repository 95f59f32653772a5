-- Purpose: what someone should look at in the figures that an import published.
select
    code,
    subject,
    fiscal_year_start,
    expected,
    found,
    message
from marts.validation
where import_id = :import_id
order by code, fiscal_year_start, subject
