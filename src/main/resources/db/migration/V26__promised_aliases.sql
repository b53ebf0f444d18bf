-- Aliases that a job promised and that wait until its version can be loaded. They move in the background.
-- alias_move is the last move of the alias when its version was published; null: there was no alias.
create table promised_aliases (
  job_id varchar(36) primary key,
  model_id bigint not null references models (id) on delete cascade,
  version int not null,
  alias varchar(63) not null,
  alias_move bigint,
  promised_at timestamp with time zone not null,
  next_at timestamp with time zone not null
);
create index promised_aliases_next on promised_aliases (next_at);
