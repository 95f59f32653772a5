-- Purpose: lines that the ledger cannot hold as they are: nothing is rounded or cut to make them fit.
-- Grain: staged line and what is wrong with it.
select
    left(external_id, 60) as external_id,
    case
        when coalesce(external_id, '') = '' then 'it has no key'
        when octet_length(external_id) > 1000 or octet_length(booking) > 1000
            then 'its key or booking is longer than 1,000 bytes'
        when coalesce(account_code, '') = '' then 'it has no account'
        when char_length(account_code) > 100 then 'its account code is longer than 100 characters'
        when account_code = '(result)' then 'the account code (result) is taken by the reports'
        when booking_date is null or booking_date < '1900-01-01' or booking_date >= '2200-01-01'
            then 'its date ' || coalesce(booking_date::text, '') || ' is not of this age'
        else 'its amount ' || coalesce(amount::text, '') || ' does not fit: at most 15 digits and 4 decimals'
    end as problem
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
