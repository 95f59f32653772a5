-- Purpose: the first sender of a message writes it down; whoever repeats it meanwhile waits here for that
-- one's end, and then finds it.
insert into app.hook_request (organisation_id, message_id, body_hash)
values (%(organisation_id)s, %(message_id)s, %(body_hash)s)
on conflict (organisation_id, message_id) do nothing
returning message_id
