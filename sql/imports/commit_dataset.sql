-- Purpose: the fence. The last statement of every dataset and mart transaction: it locks the import
-- and goes through only while this worker still owns it.
update app.import
set
    counts = counts || %(counts)s,
    total_debit = coalesce(%(debit)s, total_debit),
    total_credit = coalesce(%(credit)s, total_credit),
    raw_committed_at = case when %(raw)s then clock_timestamp() else raw_committed_at end,
    marts_committed_at = case when %(marts)s then clock_timestamp() else marts_committed_at end
where
    id = %(import_id)s
    and run_id = %(run_id)s
    and finished_at is null
    and lease_until > clock_timestamp()
returning id
