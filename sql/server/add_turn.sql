-- Purpose: a row to lock, for what nobody did before; whoever adds the same row meanwhile is waited for.
insert into app.turn (task, number)
values (%(task)s, %(number)s)
on conflict do nothing
