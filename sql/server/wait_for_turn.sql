-- Purpose: lock the row of a task until the transaction ends, when nobody else has it any more.
select from app.turn
where task = %(task)s and number = %(number)s
for update
