-- Purpose: the published balances are those of the ledger again.
delete from raw.changed_balance
where entity_id = %(entity_id)s
