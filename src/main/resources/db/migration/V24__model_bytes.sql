-- What the object of a model takes counts for the caller who wrote it last. null: a caller without a
-- key, or a process of an earlier release.

alter table models add column owner varchar(200);
alter table models add column spec_bytes bigint default 0 not null;
update models set spec_bytes = octet_length(spec);
create index models_of_owner on models (owner);
