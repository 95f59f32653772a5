-- Purpose: what each account stands at by the lines themselves: where a day is not the last of a month, and
-- where the software counts a line in the period that it names.
-- Grain: account with a balance.
-- Invariants: as balances_by_month. A line counts by its period where periods are given, else by its date.
select
    lines.account_code,
    sum(lines.amount) as balance
from raw.gl_transaction as lines
left join raw.account as accounts
    on lines.entity_id = accounts.entity_id and lines.account_code = accounts.code
where
    lines.entity_id = %(entity_id)s
    and case
        when %(last_period)s::text is null
            then
                lines.booking_date <= %(day)s
                and lines.booking_date >= case
                    when accounts.type = 'profit_and_loss' then %(year_start)s::date
                    else coalesce(%(since)s::date, '-infinity')
                end
        else
            lines.period <= %(last_period)s
            and lines.period >= case
                when accounts.type = 'profit_and_loss' then %(first_period)s::text
                else %(since_period)s::text
            end
    end
group by 1
having sum(lines.amount) <> 0
