-- Purpose: accounts with figures that no report line takes, or that no account list names.
-- Grain: account.
select
    'unmapped_account' as code,
    accounts.account_code as subject,
    '' as period,
    null::date as fiscal_year_start,
    null::date as month,
    null::numeric as expected,
    null::numeric as found,
    null::int as number,
    null::jsonb as parts,
    'Account ' || accounts.account_code || ' ' || accounts.name || ' stands on no report line.' as message
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
    'unknown_account',
    code,
    '',
    null,
    null,
    null,
    null,
    null,
    null,
    'Account ' || code || ' is used by ledger lines, but no account list names it.'
from raw.account
where entity_id = %(entity_id)s and placeholder
