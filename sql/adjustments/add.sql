-- Purpose: keep an adjusting entry.
insert into app.adjusting_entry (
    entity_id, month, account_code, line, axis, axis_value, amount, reason, added_by
)
values (
    %(entity_id)s,
    %(month)s,
    nullif(%(account)s, ''),
    nullif(%(line)s, ''),
    nullif(%(axis)s, ''),
    nullif(%(axis_value)s, ''),
    %(amount)s,
    %(reason)s,
    %(person)s
)
