-- Purpose: whether a delivery may be copied straight into the ledger: the entity has no line yet, and
-- no row level security applies to this role, for COPY does not work with it.
select
    not exists (select from raw.month_balance where entity_id = %(entity_id)s)
    and not row_security_active('raw.gl_transaction') as straight
