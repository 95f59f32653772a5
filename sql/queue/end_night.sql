-- Purpose: what a tick came to.
update app.night
set
    asked_for = %(asked_for)s,
    skipped = %(skipped)s
where tick = %(tick)s
