-- Purpose: stream lines straight into the ledger.
copy raw.gl_transaction (
    entity_id, external_id, booking_date, account_code, amount, booking, line_number, period,
    journal, document_number, relation, description, foreign_amount, foreign_currency,
    opening, version, axis_combination, import_id
) from stdin
