-- Purpose: what must hold of balances before figures made of them are published; no row means that it does.
-- Grain: a broken law and the month it is broken in.
-- Inputs: the ledger lines; what marts.balance_month adds up to, in total and by month without what opens or
-- closes a year; marts.trial_balance. Lines that open a year once more count nowhere.
with again as (
    select lines.amount
    from raw.line_role as roles
    inner join raw.gl_transaction as lines
        on roles.entity_id = lines.entity_id and roles.external_id = lines.external_id
    where roles.entity_id = %(entity_id)s and roles.role = 'opening again'
),

raw_lines as (
    select
        coalesce(sum(lines.amount), 0) - coalesce((select sum(amount) from again), 0) as balance,
        count(*) - (select count(*) from again) as lines
    from raw.gl_transaction as lines
    where lines.entity_id = %(entity_id)s
),

trial as (
    select
        month,
        sum(debit) as debit,
        sum(credit) as credit
    from marts.trial_balance
    where entity_id = %(entity_id)s
    group by 1
),

moved as (
    select
        month,
        debit,
        credit
    from unnest(%(months)s::date[], %(debits)s::numeric[], %(credits)s::numeric[])
        as source (month, debit, credit)
)

select
    'balances differ from the ledger lines' as law,
    null::date as month,
    raw_lines.balance as expected,
    %(balance)s::numeric as found
from raw_lines
where (raw_lines.balance, raw_lines.lines) is distinct from (%(balance)s::numeric, %(lines)s::bigint)
union all
select
    'trial balance differs from the balances',
    coalesce(trial.month, moved.month),
    coalesce(moved.debit, 0) - coalesce(moved.credit, 0),
    coalesce(trial.debit, 0) - coalesce(trial.credit, 0)
from trial
full join moved on trial.month = moved.month
where
    (coalesce(trial.debit, 0), coalesce(trial.credit, 0))
    is distinct from (coalesce(moved.debit, 0), coalesce(moved.credit, 0))
