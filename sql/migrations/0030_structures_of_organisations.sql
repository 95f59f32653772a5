-- Purpose: organisations have reporting structures of their own beside the templates, and what counts in
-- which subtotal is kept instead of being worked out from the lines of everybody.
-- Invariants: a structure without an organisation is a template, which everybody sees; one with an
-- organisation is seen by that one alone, and so are its lines and accounts. It stays with its organisation.
-- An entity, and what people place of it, is on a template or a structure of its own organisation.

-- country: the country that this is the structure of; null: of all others; '': of none by itself. kept: of a
-- template, what its file and its rows were when they were last made equal.
alter table app.reporting_structure
drop constraint reporting_structure_name_key,
drop constraint reporting_structure_country_key,
add column organisation_id bigint references app.organisation,
add column kept text,
add constraint structure_of_an_organisation unique nulls not distinct (organisation_id, name),
add constraint template_of_a_country check (organisation_id is null or country = '');

create unique index structure_one_a_country on app.reporting_structure (country) nulls not distinct
where country is distinct from '';

-- top: pages always show it among the first lines.
alter table app.report_line add column top boolean not null default false;

drop view app.report_line_ancestry;

-- Grain: report line and each line above it, itself among them: which subtotals it counts in.
-- Invariants: written with the lines; the lines of a structure are a tree, so each counts once in a subtotal.
create table app.report_line_ancestry (
    structure_id int not null,
    line text not null,
    ancestor text not null,
    primary key (structure_id, line, ancestor),
    foreign key (structure_id, line) references app.report_line on delete cascade
);

-- Purpose: write down which subtotals the lines of a structure count in.
create procedure app.keep_ancestry(structure int) language sql as $$
    delete from app.report_line_ancestry where structure_id = structure;
    insert into app.report_line_ancestry (structure_id, line, ancestor)
    with recursive ancestry as (
        select
            line,
            line as ancestor
        from app.report_line
        where structure_id = structure
        union all
        select
            ancestry.line,
            lines.parent
        from ancestry
        inner join app.report_line as lines on ancestry.ancestor = lines.line
        where lines.structure_id = structure and lines.parent is not null
    )

    select
        structure,
        line,
        ancestor
    from ancestry;
$$;

do $$
declare
    structure int;
begin
    for structure in select id from app.reporting_structure loop
        call app.keep_ancestry(structure);
    end loop;
end
$$;

call app.protect(
    'app.reporting_structure', 'organisation_id is null or organisation_id = (select app.tenant())'
);
call app.protect('app.report_line', 'structure_id in (select id from app.reporting_structure)');
call app.protect('app.report_line_ancestry', 'structure_id in (select id from app.reporting_structure)');
call app.protect('app.account_mapping', 'structure_id in (select id from app.reporting_structure)');

-- A template is of no organisation, so that no foreign key can hold it. With the rights of the owner: what
-- the tenant does not see is refused as well.
create function app.refuse_structure_of_another() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select from app.reporting_structure
        where id = new.structure_id and organisation_id <> new.organisation_id
    ) then
        raise exception 'structure % is of another organisation', new.structure_id
        using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

revoke execute on function app.refuse_structure_of_another() from public;

create trigger structure_is_ours after insert or update of structure_id on app.entity
for each row when (new.structure_id is not null) execute function app.refuse_structure_of_another();

create trigger structure_is_ours after insert or update of structure_id on app.chosen_line
for each row execute function app.refuse_structure_of_another();

create trigger structure_is_ours after insert or update of structure_id on app.chosen_line_change
for each row execute function app.refuse_structure_of_another();

-- Deleting a structure looks for what stands on it.
create index entity_of_structure on app.entity (structure_id) where structure_id is not null;
