-- Purpose: lines of a first day that state once more what opens the year are kept, and counted nowhere.

alter table raw.line_role
drop constraint line_role_role_check,
add constraint line_role_role_check check (
    role in ('opening', 'opening again', 'result closing', 'balance closing')
);
