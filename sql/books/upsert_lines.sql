-- Purpose: write what is new or different, and note what it was before and, where the month balances
-- follow it, what it is now; a line that is as it was is not touched.
-- Grain: one row, with the number of lines written.
-- Invariants: an older version never replaces a newer one, unless the whole ledger is told anew;
-- ordered by key, as the index is. Each staged line is looked up by its key, whatever the planner
-- thinks that the entity holds: `offset 0` keeps it from joining the other way round.
with compared as (
    select
        stage.*,
        old.external_id is not null as known,
        old.account_code as old_account_code,
        old.booking_date as old_booking_date,
        old.axis_combination as old_axis_combination,
        old.opening as old_opening,
        old.booking as old_booking,
        old.amount as old_amount
    from stage
    left join lateral (
        select *
        from raw.gl_transaction
        where entity_id = %(entity_id)s and external_id = stage.external_id
        offset 0
    ) as old on true
    where
        stage.operation = 'l'
        and (
            old.external_id is null
            or (
                (old.version <= stage.version or %(whole)s)
                and (
                    old.booking_date, old.account_code, old.amount, old.booking,
                    old.line_number, old.period, old.journal, old.document_number,
                    old.relation, old.description, old.foreign_amount, old.foreign_currency,
                    old.axis_combination, old.opening, old.version
                ) is distinct from (
                    stage.booking_date, stage.account_code, stage.amount, stage.booking,
                    stage.line_number, stage.period, stage.journal, stage.document_number,
                    stage.relation, stage.description, stage.foreign_amount, stage.foreign_currency,
                    stage.combination, stage.opening, stage.version
                )
            )
        )
),

written as (
    insert into raw.gl_transaction (
        entity_id, external_id, booking_date, account_code, amount, booking, line_number, period,
        journal, document_number, relation, description, foreign_amount, foreign_currency,
        axis_combination, opening, version, import_id
    )
    select
        %(entity_id)s,
        external_id,
        booking_date,
        account_code,
        amount,
        booking,
        line_number,
        period,
        journal,
        document_number,
        relation,
        description,
        foreign_amount,
        foreign_currency,
        combination,
        opening,
        version,
        %(import_id)s
    from compared
    order by external_id
    on conflict (entity_id, external_id) do update
        set
            booking_date = excluded.booking_date,
            account_code = excluded.account_code,
            amount = excluded.amount,
            booking = excluded.booking,
            line_number = excluded.line_number,
            period = excluded.period,
            journal = excluded.journal,
            document_number = excluded.document_number,
            relation = excluded.relation,
            description = excluded.description,
            foreign_amount = excluded.foreign_amount,
            foreign_currency = excluded.foreign_currency,
            axis_combination = excluded.axis_combination,
            opening = excluded.opening,
            version = excluded.version,
            import_id = excluded.import_id
    returning account_code, booking_date, axis_combination, opening, booking, amount
),

before as (
    insert into stage_move
    select
        old_account_code,
        old_booking_date,
        old_axis_combination,
        old_opening,
        old_booking,
        old_amount,
        -1
    from compared
    where known
),

after as (
    insert into stage_move
    select
        written.*,
        1
    from written
    where %(follow)s
)

select count(*) as written from written
