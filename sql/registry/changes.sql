-- Purpose: who changed what in an organisation.
-- Grain: change, the latest first.
select
    id,
    person,
    action,
    subject,
    changed_at
from app.change
where organisation_id = %(organisation_id)s
order by id desc
limit %(most)s
