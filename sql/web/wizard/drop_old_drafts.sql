-- Purpose: throw away what nobody confirmed, so that files that were only looked at do not fill the disk.
-- Invariants: a day is left to confirm a file, and the newest of an entity stay; a few are deleted at
-- once, for each can hold hundreds of megabytes and someone waits for the answer.
delete from app.upload
where
    id in (
        select id
        from (
            select
                id,
                received_at,
                row_number() over (partition by entity_id order by received_at desc, id desc) as place
            from app.upload
            where state = 'draft'
        ) as drafts
        where received_at < clock_timestamp() - interval '1 day' or place > %(kept)s
        order by received_at
        limit 5
    )
