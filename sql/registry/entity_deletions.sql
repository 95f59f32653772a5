-- Purpose: the statements that delete every row of an entity, in an order that foreign keys allow.
-- Grain: table that holds rows of an entity: one with the column entity_id, or one that refers to such a
-- table; the last is app.entity itself.
-- Inputs: PostgreSQL's catalogue, so that a table that is added later is not forgotten.
-- Invariants: a row that names its entity is that entity's alone, whatever else it refers to. Who refers to
-- a row is deleted before it: depth is the longest way to app.entity. References that are set to null
-- when their target goes are left to PostgreSQL.
with recursive our_tables as (
    select
        tables.oid as relation,
        exists(
            select from pg_attribute as columns
            where columns.attrelid = tables.oid and columns.attname = 'entity_id' and not columns.attisdropped
        ) as names_entity
    from pg_class as tables
    where
        tables.relkind in ('r', 'p')
        and not tables.relispartition
        and tables.relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
),

foreign_keys as (
    select
        constraints.conrelid as referring,
        constraints.confrelid as referred,
        string_agg(quote_ident(own.attname) collate "default", ', ' order by pairs.place) as own_columns,
        string_agg(quote_ident(their.attname) collate "default", ', ' order by pairs.place) as their_columns
    from pg_constraint as constraints
    cross join
        lateral unnest(constraints.conkey, constraints.confkey)
        with ordinality as pairs (own_column, their_column, place)
    inner join pg_attribute as own
        on constraints.conrelid = own.attrelid and pairs.own_column = own.attnum
    inner join pg_attribute as their
        on constraints.confrelid = their.attrelid and pairs.their_column = their.attnum
    where
        constraints.contype = 'f'
        and constraints.conparentid = 0
        and constraints.confdeltype not in ('n', 'd')
    group by constraints.oid
),

-- No way is longer than this; it ends references that lead in a circle.
ways as (
    select
        'app.entity'::regclass::oid as relation,
        format('id = %%s', %(entity_id)s::bigint) as condition,
        0 as depth
    union
    select
        relation,
        format('entity_id = %%s', %(entity_id)s::bigint) as condition,
        1 as depth
    from our_tables
    where names_entity
    union
    select
        our_tables.relation,
        case
            when our_tables.names_entity then format('entity_id = %%s', %(entity_id)s::bigint)
            else
                format(
                    '(%%s) in (select %%s from %%s where %%s)',
                    foreign_keys.own_columns,
                    foreign_keys.their_columns,
                    ways.relation::regclass,
                    ways.condition
                )
        end as condition,
        ways.depth + 1 as depth
    from ways
    inner join foreign_keys on ways.relation = foreign_keys.referred
    inner join our_tables on foreign_keys.referring = our_tables.relation
    where
        our_tables.relation not in (ways.relation, 'app.entity'::regclass)
        and ways.depth < 12
)

select
    relation::regclass::text as name,
    format('delete from %%s where %%s', relation::regclass, condition) as statement
from ways
group by relation, condition
order by max(depth) desc, name
