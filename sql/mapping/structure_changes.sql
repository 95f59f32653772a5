-- Purpose: who changed the structures of an organisation, and who put entities on which.
-- Grain: change, the latest first.
select
    id,
    person,
    action,
    subject,
    changed_at
from app.change
where
    organisation_id = %(organisation_id)s
    and action in ('structure imported', 'structure assigned', 'structure deleted')
order by id desc
limit %(most)s
