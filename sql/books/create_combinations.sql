-- Purpose: the sets of axis values in a delivery, numbered by the delivery itself.
create temporary table stage_combination (local_id int primary key, axis_values jsonb not null)
on commit drop
