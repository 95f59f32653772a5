-- Purpose: a task for the life of this session, unless another session has it that still lives.
-- Invariants: to be run after the row was locked, so that it sees what who held the lock before wrote, and
-- that one's session. When a session began is told to its own role alone: one of another role counts as the
-- holder's.
update app.turn
set
    holder_pid = pg_backend_pid(),
    holder_began = (select backend_start from pg_stat_activity where pid = pg_backend_pid())
where
    task = %(task)s
    and number = %(number)s
    and not exists (
        select from pg_stat_activity as sessions
        where
            sessions.pid = turn.holder_pid
            and sessions.pid <> pg_backend_pid()
            and coalesce(sessions.backend_start, turn.holder_began) = turn.holder_began
    )
returning task
