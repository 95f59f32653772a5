-- Purpose: the sign of life of the reconciler that is at work.
insert into app.reconciler_beat (beat_at)
values (clock_timestamp())
on conflict (single) do update set beat_at = excluded.beat_at
