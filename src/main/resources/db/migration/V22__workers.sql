-- The processes that take jobs now. Each renews its row while it lives; a row that is not renewed
-- is of a process that died.
create table workers (
  name varchar(100) not null primary key,
  -- JSON: slots and device by pool.
  pools text not null,
  resident_bytes bigint not null,
  memory_limit bigint not null,
  started_at timestamp(6) with time zone not null,
  seen_at timestamp(6) with time zone not null
);
