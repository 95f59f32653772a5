-- Purpose: what must hold before new figures are published; no row means that it does.
-- Grain: a broken law and the month it is broken in.
-- Inputs: the marts as this transaction is about to publish them; proof_of_lines.sql has what they stand for.
with structure as (
    select
        lines.line,
        lines.statement,
        lines.level,
        lines.role
    from app.report_line as lines
    where
        lines.structure_id = (
            select structure_id from mapped.account_line
            where entity_id = %(entity_id)s and account_code = '(result)'
        )
),

trial as (
    select
        balances.month,
        sum(balances.closing) as closing,
        coalesce(sum(balances.closing) filter (where accounts.type = 'profit_and_loss'), 0) as result,
        sum(balances.debit - balances.credit) filter (where accounts.type = 'balance_sheet') as moved,
        sum(balances.credit - balances.debit) filter (where accounts.type = 'profit_and_loss') as earned
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
    inner join structure on marts.line = structure.line
    where marts.entity_id = %(entity_id)s and structure.level = 0
    group by 2
    union all
    select
        'profit_and_loss',
        marts.month,
        -sum(marts.year_to_date)
    from marts.profit_and_loss as marts
    inner join structure on marts.line = structure.line
    where marts.entity_id = %(entity_id)s and structure.level = 0
    group by 2
),

cash_flows as (
    select
        marts.month,
        sum(case structure.role when 'closing_cash' then 0 else marts.amount end) as explained,
        sum(case structure.role when 'closing_cash' then marts.amount else 0 end) as closing
    from marts.cash_flow as marts
    inner join structure on marts.line = structure.line
    where marts.entity_id = %(entity_id)s and structure.level = 0
    group by 1
),

cash as (
    select
        marts.month,
        sum(marts.amount) as closing
    from marts.balance_sheet as marts
    inner join structure on marts.line = structure.line
    where marts.entity_id = %(entity_id)s and structure.role = 'cash'
    group by 1
),

by_axis as (
    select
        marts.axis,
        structure.statement,
        marts.month,
        sum(marts.amount) as amount
    from marts.axis_report as marts
    inner join structure on marts.line = structure.line
    where marts.entity_id = %(entity_id)s
    group by 1, 2, 3
),

axes as (
    select distinct axis from by_axis
)

select
    statements.statement || ' differs from the trial balance' as law,
    statements.month,
    case statements.statement
        when 'balance_sheet' then coalesce(trial.closing, 0) else coalesce(trial.result, 0)
    end as expected,
    statements.amount as found
from statements
left join trial on statements.month = trial.month
where
    statements.amount is distinct from case statements.statement
        when 'balance_sheet' then coalesce(trial.closing, 0) else coalesce(trial.result, 0)
    end
union all
select
    'cash flow does not lead to the cash of the balance sheet',
    cash_flows.month,
    coalesce(cash.closing, 0),
    cash_flows.explained
from cash_flows
left join cash on cash_flows.month = cash.month
where
    cash_flows.explained is distinct from coalesce(cash.closing, 0)
    or cash_flows.closing is distinct from coalesce(cash.closing, 0)
union all
select
    'axis ' || axes.axis || ' differs from the trial balance',
    trial.month,
    case statements.statement when 'balance_sheet' then trial.moved else trial.earned end,
    by_axis.amount
from axes
cross join (values ('balance_sheet'), ('profit_and_loss')) as statements (statement)
cross join trial
left join by_axis
    on
        axes.axis = by_axis.axis
        and statements.statement = by_axis.statement
        and trial.month = by_axis.month
where
    coalesce(by_axis.amount, 0) is distinct from coalesce(
        case statements.statement when 'balance_sheet' then trial.moved else trial.earned end, 0
    )
