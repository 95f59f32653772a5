-- Purpose: appended rows that equal rows which were already there: perhaps the same twice.
select count(*) as equal_rows
from stage
where
    stage.operation = 'l'
    and exists (
        select from raw.gl_transaction as target
        where
            target.entity_id = %(entity_id)s
            and target.booking_date = stage.booking_date
            and target.account_code = stage.account_code
            and target.amount = stage.amount
            and target.description is not distinct from stage.description
            and target.document_number is not distinct from stage.document_number
            and target.external_id <> stage.external_id
    )
