-- Purpose: months with bookings whose debit and credit differ.
-- Grain: month of the first lines of such bookings.
-- Inputs: raw.unbalanced_booking, which is kept equal to the lines.
-- Invariants: expected is zero; found: what the bookings are off by together, each without its sign; number:
-- how many they are. parts: the ten that are off the most, with their balances, debit positive.
with placed as (
    select
        booking,
        balance,
        date_trunc('month', booking_date::timestamp)::date as month,
        row_number() over (
            partition by date_trunc('month', booking_date::timestamp) order by abs(balance) desc, booking
        ) as place
    from raw.unbalanced_booking
    where entity_id = %(entity_id)s
),

monthly as (
    select
        month,
        count(*)::int as number,
        sum(abs(balance)) as found,
        jsonb_agg(jsonb_build_array(booking, balance::text) order by place) filter (where place <= 10)
            as parts
    from placed
    group by month
)

select
    'bookings_unbalanced' as code,
    to_char(monthly.month, 'YYYY-MM') as subject,
    to_char(monthly.month, 'YYYY-MM') as period,
    months.fiscal_year_start,
    monthly.month,
    0::numeric as expected,
    monthly.found,
    monthly.number,
    monthly.parts,
    'Bookings of ' || to_char(monthly.month, 'YYYY-MM') || ' whose debit and credit differ: '
    || monthly.number || '.' as message
from monthly
left join mapped.fiscal_month as months
    on months.entity_id = %(entity_id)s and monthly.month = months.month
