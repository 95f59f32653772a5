-- Purpose: a key that a delivery both tells and deletes is deleted: providers never give a key twice.
delete from stage
using stage as deleted
where
    stage.operation = 'l'
    and deleted.operation = 'd'
    and stage.external_id = deleted.external_id
