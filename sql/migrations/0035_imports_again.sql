-- Purpose: an import whose worker was lost is asked for once more.
-- again: it is the program's own request, and none follows where its worker is lost too.
alter table app.import
drop constraint import_trigger_check,
add constraint import_trigger_check check (
    trigger in (
        'scheduled', 'manual', 'hook', 'file', 'first', 'reactivated', 'reconnected', 'dagster', 'cli',
        'again'
    )
);
