-- Names, separated by spaces. Null: all datasets, as before.
alter table access_keys add column datasets text;

-- Jobs that ask for more are refused; a key of an administrator has no limit.
alter table access_keys add column max_priority integer default 0 not null;
