-- Purpose: "Latest current figures": the marts now show the raw data as it was last fetched.
update app.entity
set
    figures_at = coalesce(
        (
            select c.updated_at
            from app.cursor as c
            where c.entity_id = %(entity_id)s and c.dataset = 'gl_transactions'
        ),
        figures_at
    ),
    figures_import_id = %(import_id)s
where id = %(entity_id)s
