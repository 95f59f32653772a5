-- Purpose: drill-down from a cell of a statement to the accounts that it is made of.
-- Grain: account of a report line, or of a line beneath it, with anything but zero in the period.
-- Invariants: debit positive; the movements of a cell of profit and loss, and the closing balances of one of
-- the balance sheet, add up to it. The running result of profit and loss accounts stands on the line for it.
with lines as (
    select line from app.report_line_ancestry
    where structure_id = %(structure_id)s and ancestor = %(line)s
),

accounts as (
    select
        account_code,
        name,
        case
            when %(statement)s = 'balance_sheet' and type = 'profit_and_loss'
                then (
                    select line from app.report_line
                    where structure_id = %(structure_id)s and role = 'result_of_year'
                )
            else line
        end as line
    from mapped.account_line
    where entity_id = %(entity_id)s and (%(statement)s = 'balance_sheet' or type = 'profit_and_loss')
)

select
    accounts.account_code as account,
    accounts.name,
    sum(case when balances.month = %(first)s then balances.opening else 0 end) as opening,
    sum(balances.debit - balances.credit) as moved,
    sum(case when balances.month = %(last)s then balances.closing else 0 end) as closing
from accounts
inner join lines on accounts.line = lines.line
inner join marts.trial_balance as balances
    on balances.entity_id = %(entity_id)s and accounts.account_code = balances.account_code
where balances.month between %(first)s and %(last)s
group by accounts.account_code, accounts.name
having
    sum(case when balances.month = %(first)s then balances.opening else 0 end) <> 0
    or bool_or(balances.debit <> 0 or balances.credit <> 0)
    or sum(case when balances.month = %(last)s then balances.closing else 0 end) <> 0
order by accounts.account_code
