-- Purpose: remove the lines that the provider says no longer exist.
delete from raw.gl_transaction
using stage
where
    gl_transaction.entity_id = %(entity_id)s
    and stage.operation = 'd'
    and gl_transaction.external_id = stage.external_id
