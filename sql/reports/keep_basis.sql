-- Purpose: what the balances that an import publishes were made from.
-- Grain: import.
update app.import
set balances_from = %(balances_from)s
where id = %(import_id)s
