-- Purpose: the lines whose figures are made of other accounts than before.
-- Grain: report line.
-- Inputs: stage_stood of this transaction, mapped.account_line and mapped.account_axis_line as made anew.
-- Invariants: where an account left a line, or came to it, both lines are here, with the line of each side.
create temporary table stage_moved_line on commit drop as
with stands as (
    select
        account_code,
        '' as axis_value,
        type,
        line,
        credit_line
    from mapped.account_line
    where entity_id = %(entity_id)s
    union all
    select
        account_code,
        axis_value,
        null,
        line,
        null
    from mapped.account_axis_line
    where entity_id = %(entity_id)s
),

moved as (
    select coalesce(stage_stood.account_code, stands.account_code) as account_code
    from stage_stood
    full outer join stands
        on stage_stood.account_code = stands.account_code and stage_stood.axis_value = stands.axis_value
    where
        (stage_stood.type, stage_stood.line, stage_stood.credit_line)
        is distinct from (stands.type, stands.line, stands.credit_line)
)

select line
from stands
where account_code in (select account_code from moved)
union
select credit_line
from stands
where account_code in (select account_code from moved) and credit_line is not null
union
select line
from stage_stood
where account_code in (select account_code from moved)
union
select credit_line
from stage_stood
where account_code in (select account_code from moved) and credit_line is not null
