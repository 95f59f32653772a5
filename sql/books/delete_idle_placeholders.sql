-- Purpose: a placeholder stands for an account that lines use; without lines it goes, as in a full import.
delete from raw.account
where
    entity_id = %(entity_id)s
    and placeholder
    and not exists (
        select from raw.month_balance as used
        where used.entity_id = %(entity_id)s and used.account_code = account.code
    )
