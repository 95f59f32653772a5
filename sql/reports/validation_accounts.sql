-- Purpose: accounts with figures that no report line takes, or that no account list names.
-- Grain: account.
insert into marts.validation (entity_id, code, subject, message, import_id)
select
    %(entity_id)s,
    'unmapped_account',
    accounts.account_code,
    'Account ' || accounts.account_code || ' ' || accounts.name || ' stands on no report line.',
    %(import_id)s
from mapped.account_line as accounts
where
    accounts.entity_id = %(entity_id)s
    and accounts.line like 'unmapped:%%'
    and exists (
        select from marts.balance_month as used
        where used.entity_id = %(entity_id)s and used.account_code = accounts.account_code
    )
union all
select
    %(entity_id)s,
    'unknown_account',
    code,
    'Account ' || code || ' is used by ledger lines, but no account list names it.',
    %(import_id)s
from raw.account
where entity_id = %(entity_id)s and placeholder
