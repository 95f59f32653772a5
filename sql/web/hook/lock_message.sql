-- Purpose: one sender of a message at a time; whoever repeats it waits for the first one's answer.
select pg_advisory_xact_lock(hashtextextended(%(organisation_id)s::text || ' ' || %(message_id)s, 0))
