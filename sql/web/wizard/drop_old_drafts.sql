-- Purpose: throw away what nobody confirmed, so that files that were only looked at do not fill the disk.
-- Invariants: a day is left to confirm a file, and the newest few of an entity stay, or more of them where
-- these are together no larger than one upload; a few are deleted at once, for each can hold hundreds of
-- megabytes and someone waits for the answer.
delete from app.upload
where
    id in (
        select id
        from (
            select
                id,
                received_at,
                row_number() over (partition by entity_id order by received_at desc, id desc) as place,
                sum(size_bytes) over (partition by entity_id order by received_at desc, id desc) as bytes
            from app.upload
            where state = 'draft'
        ) as drafts
        where
            received_at < clock_timestamp() - interval '1 day'
            or (place > %(few)s and (place > %(most)s or bytes > %(largest)s))
        order by received_at
        limit 5
    )
