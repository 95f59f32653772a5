-- Purpose: what the balances of an entity are made from, apart from the programme and the fiscal calendar.
-- Grain: one row.
-- Inputs: raw.changed_balance, where every commit that touches lines notes their balances;
-- mapped.account_line as mapped now.
-- Invariants: equal texts mean equal balances, while no line was touched (changed). published: what those of
-- the published figures were made from; null where there are none, or where it is not known. held: what the
-- trial balance adds up to, which tells whether someone changed it by hand.
select
    exists(select from raw.changed_balance where entity_id = entities.id) as changed,
    published.balances_from as published,
    (
        select
            concat_ws(
                '|',
                count(*),
                sum(trial.opening),
                sum(trial.opening_difference),
                sum(trial.debit),
                sum(trial.credit),
                sum(trial.closing),
                sum(trial.closing_entries)
            )
        from marts.trial_balance as trial
        where trial.entity_id = entities.id
    ) as held,
    concat_ws(
        '|',
        coalesce(entities.result_account, ''),
        coalesce(entities.primary_axis, ''),
        entities.settings,
        (
            select count(*) from app.upload as uploads
            where uploads.entity_id = entities.id and uploads.state = 'applied'
        ),
        (
            select
                md5(
                    string_agg(
                        accounts.account_code || ' ' || accounts.type, '|' order by accounts.account_code
                    )
                )
            from mapped.account_line as accounts
            where accounts.entity_id = entities.id
        )
    ) as made_from
from app.entity as entities
left join app.import as published on entities.figures_import_id = published.id
where entities.id = %(entity_id)s
