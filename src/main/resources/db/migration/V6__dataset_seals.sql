-- What the bytes of a data set's files are. Their names are digests of what was uploaded, which says
-- nothing about the rows made of it. A file is sound when one of its name's seals fits: the same
-- upload at the same time may be written twice.
create table dataset_seals (
  file_name varchar(80) not null,
  bytes bigint not null,
  crc32c bigint not null,
  sealed_at timestamp(6) with time zone not null,
  primary key (file_name, bytes, crc32c)
);

create index dataset_seals_by_age on dataset_seals (sealed_at);
