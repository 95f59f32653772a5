-- Purpose: throw a file away that is not in the books; its content goes, what is known of it stays.
-- Grain: one row, with the state in which the file was; null where the tenant has no such file.
select app.discard_upload(%(upload_id)s, %(person)s) as state
