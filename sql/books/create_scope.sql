-- Purpose: what of the ledger a delivery replaces.
-- Grain: one range of booking dates; bookings that are replaced by key stand in the stage.
create temporary table stage_range (starts_on date not null, ends_on date not null) on commit drop
