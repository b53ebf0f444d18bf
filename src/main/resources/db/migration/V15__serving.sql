-- What every process that answers callers does with versions, and limits of models.

create table version_serving (
  version_id bigint primary key references model_versions (id) on delete cascade,
  -- Requests for it are refused until it is loaded again.
  unloaded boolean not null,
  -- It stays in memory.
  pinned boolean not null,
  -- How often it was loaded: each process loads it when this grows.
  loads integer not null
);

create table model_serving (
  model_id bigint primary key references models (id) on delete cascade,
  -- Null: no limit but the service's.
  max_batch_rows integer,
  max_concurrency integer,
  timeout_millis bigint,
  revision integer not null
);
