-- Purpose: the fence. The last statement of every dataset and mart transaction: it locks the import
-- and goes through only while this worker still owns it.
-- Invariants: an import of several files counts the lines and amounts of all of them; what is told of
-- the marts is no number and takes the place of what was told before.
update app.import
set
    counts = counts || (
        select
            coalesce(
                jsonb_object_agg(
                    told.name,
                    case jsonb_typeof(told.value)
                        when 'number'
                            then to_jsonb(
                                coalesce((import.counts ->> told.name)::bigint, 0) + told.value::bigint
                            )
                        else told.value
                    end
                ),
                '{}'
            )
        from jsonb_each(%(counts)s) as told (name, value)
    ),
    total_debit = coalesce(total_debit + %(debit)s, %(debit)s, total_debit),
    total_credit = coalesce(total_credit + %(credit)s, %(credit)s, total_credit),
    raw_committed_at = case when %(raw)s then clock_timestamp() else raw_committed_at end,
    marts_committed_at = case when %(marts)s then clock_timestamp() else marts_committed_at end
where
    id = %(import_id)s
    and entity_id = %(entity_id)s
    and run_id = %(run_id)s
    and finished_at is null
    and lease_until > clock_timestamp()
returning id
