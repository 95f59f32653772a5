-- Purpose: lines before (-1) and after (+1) a change, as far as it touches them.
create temporary table stage_move (
    account_code text not null,
    booking_date date not null,
    axis_combination int not null,
    opening boolean not null,
    booking text,
    amount numeric(19, 4) not null,
    sign smallint not null
) on commit drop
