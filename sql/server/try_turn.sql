-- Purpose: lock the row of a task until the transaction ends; no row where somebody else has it.
select from app.turn
where task = %(task)s and number = %(number)s
for update skip locked
