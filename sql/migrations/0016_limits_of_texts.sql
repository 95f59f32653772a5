-- Purpose: texts that indexes cannot hold never reach them; any number of axis values makes a set.

-- Not checked for lines of before: what their indexes took goes on being read.
alter table raw.gl_transaction
add constraint gl_transaction_account_code_length
check (char_length(account_code) <= 100) not valid;

alter table raw.account
add constraint account_code_length check (char_length(code) <= 100) not valid;

alter table raw.axis_value
add constraint axis_value_length
check (char_length(axis) <= 100 and char_length(code) <= 200) not valid;

-- An entry of an index holds some 2,700 bytes; a set of axis values may have more.
alter table raw.axis_combination drop constraint axis_combination_entity_id_axis_values_key;

create unique index axis_combination_axis_values
on raw.axis_combination (entity_id, md5(axis_values::text));
