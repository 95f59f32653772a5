-- Purpose: the ledger itself refuses what the loader refuses with a list; balances lose a reference.

alter table raw.gl_transaction
add check (octet_length(external_id) between 1 and 1000),
add check (octet_length(booking) <= 1000),
add check (account_code not in ('', '(result)')),
add check (booking_date >= '1900-01-01' and booking_date < '2200-01-01'),
add check (amount <> 'NaN'),
add check (foreign_amount <> 'NaN');

-- Checking the entity of each row took a third of the time of writing balances; like lines, they have
-- none but that of a claimed import, and entities are marked as deleted, never removed.
alter table raw.month_balance drop constraint month_balance_entity_id_fkey;
