-- Purpose: what was found about the figures before belongs to those figures.
delete from marts.validation
where entity_id = %(entity_id)s
