-- Purpose: what someone should look at in the figures that an import published, the first thousand.
select
    code,
    subject,
    fiscal_year_start,
    expected,
    found,
    message
from marts.validation
where entity_id = %(entity_id)s and import_id = %(import_id)s
order by code, fiscal_year_start, subject
limit 1000
