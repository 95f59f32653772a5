-- Purpose: accounts that a file names otherwise than the ledger does, whose stored name is the later one: the
-- ledger has lines of the account in months behind the last one that the file has, so that they came with a
-- newer file.
-- Grain: account.
-- Inputs: raw.account, raw.month_balance after the lines of the file were written, stage.
-- Invariants: an account without a line in the file was named on the last day of the file; what a chart of
-- accounts says, which has no lines, is later than all lines.
with told as (
    select
        known.code,
        known.name
    from raw.account as known
    inner join unnest(%(codes)s::text[], %(names)s::text[]) as file (code, name)
        on known.code = file.code and known.name <> file.name
    where known.entity_id = %(entity_id)s and not known.placeholder and known.name <> known.code
),

delivered as (
    select
        account_code,
        max(booking_date) as last_day
    from stage
    where operation = 'l' and exists (select from told)
    group by account_code
)

select
    told.code,
    told.name
from told
where
    exists (
        select from raw.month_balance as stored
        where
            stored.entity_id = %(entity_id)s
            and stored.account_code = told.code
            and stored.month > coalesce(
                (select delivered.last_day from delivered where delivered.account_code = told.code),
                (select max(delivered.last_day) from delivered)
            )
    )
order by told.code
