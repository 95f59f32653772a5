-- Purpose: an account that the whole list no longer names goes, unless lines still use it.
delete from raw.account
where
    entity_id = %(entity_id)s
    and code <> all(%(codes)s)
    and not exists (
        select from raw.month_balance as used
        where used.entity_id = %(entity_id)s and used.account_code = account.code
    )
