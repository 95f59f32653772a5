-- Purpose: fiscal years that someone accepted although they do not add up to zero.
select
    fiscal_year_start,
    amount
from app.accepted_imbalance
where entity_id = %(entity_id)s
