-- What queued and running jobs refer to must outlive them.

-- The model that a job trains.
create table model_holds (
  holder varchar(64) not null,
  model_id bigint not null references models (id),
  primary key (holder, model_id)
);

create index model_holds_model on model_holds (model_id);

-- Versions whose weights or encodings a job reads.
create table version_holds (
  holder varchar(64) not null,
  version_id bigint not null references model_versions (id),
  primary key (holder, version_id)
);

create index version_holds_version on version_holds (version_id);

-- The sweep whose trial a job is, if any.
alter table jobs add column sweep varchar(36);

create index jobs_of_sweep on jobs (sweep, id);
