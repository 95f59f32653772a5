-- Purpose: the entities of a page, the last one first: the last ones, or those before one of a key.
-- Grain: entity.
-- Inputs: patterns: the words of the search, for `like`; state: the filter, or null; key: of the entity that
-- the page after begins with, or null; most: how many.
-- Invariants: where the filter is null, one look into an index; PostgreSQL leaves out what nobody asks for.
select entity_id
from app.listed_entity
where
    name like all(%(patterns)s::text[])
    and (%(state)s::text is null or state = %(state)s)
    and (
        %(key)s::text is null
        or (name, key) < (select * from app.listing_place(%(key)s))
    )
order by name desc, key desc
limit %(most)s
