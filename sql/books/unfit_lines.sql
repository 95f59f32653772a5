-- Purpose: lines that the ledger cannot hold as they are: nothing is rounded or cut to make them fit.
-- Grain: staged line and what is wrong with it, as a kind of sentence; its date and amount as they are.
select
    left(external_id, 60) as external_id,
    case
        when coalesce(external_id, '') = '' then 'no_key'
        when octet_length(external_id) > 1000 or octet_length(booking) > 1000
            then 'key_too_long'
        when coalesce(account_code, '') = '' then 'no_account'
        when char_length(account_code) > 100 then 'account_too_long'
        when account_code = '(result)' then 'account_taken'
        when booking_date is null or booking_date < '1900-01-01' or booking_date >= '2200-01-01'
            then 'date_of_no_age'
        else 'amount_unfit'
    end as problem,
    coalesce(booking_date::text, '') as booking_date,
    coalesce(amount::text, '') as amount
from stage
where
    operation = 'l'
    and (
        coalesce(external_id, '') = ''
        or octet_length(external_id) > 1000
        or octet_length(booking) > 1000
        or coalesce(account_code, '') in ('', '(result)')
        or char_length(account_code) > 100
        or booking_date is null
        or booking_date < '1900-01-01'
        or booking_date >= '2200-01-01'
        or amount is null
        or amount = 'NaN'
        or abs(amount) >= 1e15
        or amount <> round(amount, 4)
        or foreign_amount = 'NaN'
        or abs(foreign_amount) >= 1e15
        or foreign_amount <> round(foreign_amount, 4)
    )
order by external_id
limit 101
