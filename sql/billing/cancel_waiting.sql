-- Purpose: imports that wait for an organisation that no longer pays never start; a started one goes on.
update app.import as imports
set
    finished_at = clock_timestamp(),
    outcome = %(outcome)s,
    error_code = %(error_code)s,
    error_message = %(error_message)s,
    error_fields = %(error_fields)s
from app.entity as entities
where
    imports.entity_id = entities.id
    and entities.organisation_id = %(organisation)s
    and imports.started_at is null
    and imports.finished_at is null
