-- Which database this is. The data folder holds the same id: a new or another database beside it
-- would not name its files, and they would be deleted as orphans. The table has one row. written_at
-- is when the service last checked, after an outage, that the database can be written.
create table database_identity (
  entry int not null primary key,
  id varchar(36) not null,
  created_at timestamp(6) with time zone not null,
  written_at timestamp(6) with time zone
);
