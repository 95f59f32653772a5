-- Purpose: what a word leads to, once.
-- Invariants: of two that come with one word, one gets it. A word that another session brings is spent
-- nonetheless: who has it should not.
delete from app.pending_connection
where word_hash = %(word_hash)s
returning
    case
        when session_hash = %(session_hash)s and expires_at > clock_timestamp() then content
    end as content
