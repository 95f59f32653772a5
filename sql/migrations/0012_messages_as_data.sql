-- Purpose: what an import was ended by, as data beside its text in English, so that it can be worded later
-- for whoever reads it and in their language.
-- Invariants: null where the text says it all, and for imports that ended before there was this column.
alter table app.import add column error_fields jsonb check (jsonb_typeof(error_fields) = 'array');
