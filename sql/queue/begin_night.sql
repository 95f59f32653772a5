-- Purpose: a tick is written once, whoever sees it and however often.
insert into app.night (tick, asked_for, skipped)
values (%(tick)s, 0, '{}')
on conflict do nothing
returning tick
