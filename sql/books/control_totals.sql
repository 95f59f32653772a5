-- Purpose: what a delivery held, to compare with what its source says; and whether the ledger can
-- hold all of it as it is (unfit_lines.sql lists what it cannot).
select
    count(*) as fetched,
    coalesce(sum(amount) filter (where amount > 0), 0) as debit,
    coalesce(-sum(amount) filter (where amount < 0), 0) as credit,
    coalesce(
        bool_and(
            octet_length(external_id) between 1 and 1000
            and (booking is null or octet_length(booking) <= 1000)
            and account_code not in ('', '(result)')
            and char_length(account_code) <= 100
            and booking_date >= '1900-01-01'
            and booking_date < '2200-01-01'
            and abs(amount) < 1e15
            and amount = round(amount, 4)
            and (
                foreign_amount is null
                or (abs(foreign_amount) < 1e15 and foreign_amount = round(foreign_amount, 4))
            )
        ), true
    ) as fit
from stage
where operation = 'l'
