-- Purpose: write the month balances of a ledger that was empty before, as its lines add up.
-- Grain: as raw.month_balance.
copy raw.month_balance (
    entity_id, account_code, month, axis_combination, opening, debit, credit, lines
) from stdin
