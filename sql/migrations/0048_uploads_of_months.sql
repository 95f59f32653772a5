-- Purpose: a ledger file may replace the months in which it has lines, and leave the others of its year.

-- A month is exported again after a correction: the file of a part of a year could only be added, twice then.
alter table app.upload drop constraint upload_mode_check;
alter table app.upload add constraint upload_mode_check
check (mode in ('overwrite', 'years', 'months', 'append'));
