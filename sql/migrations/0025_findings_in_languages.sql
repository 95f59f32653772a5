-- Purpose: what was found is told in the language of its reader.
-- sentence: the kind and the values that the message is made of; null where it has no other words.
alter table app.finding add column sentence jsonb;
