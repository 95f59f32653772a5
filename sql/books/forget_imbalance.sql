-- Purpose: an accepted imbalance that was put right is news if it comes back.
delete from app.accepted_imbalance
where entity_id = %(entity_id)s and scope = %(scope)s
