-- Purpose: what must hold before new figures are published; no row means that it does.
-- Grain: a broken law and the month it is broken in.
-- Inputs: the marts as this transaction is about to publish them, and the raw lines they stand for.
with raw_lines as (
    select
        coalesce(sum(amount), 0) as balance,
        count(*) as lines
    from raw.gl_transaction
    where entity_id = %(entity_id)s
),

balances as (
    select
        coalesce(sum(debit - credit), 0) as balance,
        coalesce(sum(lines), 0) as lines
    from marts.balance_month
    where entity_id = %(entity_id)s
),

trial as (
    select
        balances.month,
        sum(balances.closing) as closing,
        sum(balances.closing) filter (where accounts.type = 'profit_and_loss') as result
    from marts.trial_balance as balances
    left join mapped.account_line as accounts
        on
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
    where balances.entity_id = %(entity_id)s
    group by 1
),

statements as (
    select
        'balance_sheet' as statement,
        marts.month,
        sum(marts.amount) as amount
    from marts.balance_sheet as marts
    inner join app.report_line as lines on marts.line = lines.line
    where
        marts.entity_id = %(entity_id)s
        and lines.level = 0
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
    group by 2
    union all
    select
        'profit_and_loss',
        marts.month,
        -sum(marts.year_to_date)
    from marts.profit_and_loss as marts
    inner join app.report_line as lines on marts.line = lines.line
    where
        marts.entity_id = %(entity_id)s
        and lines.level = 0
        and lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
    group by 2
)

select
    'balances differ from the ledger lines' as law,
    null::date as month,
    raw_lines.balance as expected,
    balances.balance as found
from raw_lines
cross join balances
where (raw_lines.balance, raw_lines.lines) is distinct from (balances.balance, balances.lines)
union all
select
    statements.statement || ' differs from the trial balance',
    statements.month,
    case statements.statement
        when 'balance_sheet' then coalesce(trial.closing, 0) else coalesce(trial.result, 0)
    end,
    statements.amount
from statements
left join trial on statements.month = trial.month
where
    statements.amount is distinct from case statements.statement
        when 'balance_sheet' then coalesce(trial.closing, 0) else coalesce(trial.result, 0)
    end
