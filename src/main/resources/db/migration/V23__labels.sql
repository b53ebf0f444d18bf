-- What people write on datasets, models, versions and jobs to find them again. The tags are in the
-- column, as JSON, to be shown, and in the tables to be found. owner_name says who made a thing;
-- null: a caller without a key, or a process of an earlier release.

alter table jobs add column description varchar(4000);
alter table jobs add column tags text;
alter table jobs add column archived boolean default false not null;
alter table jobs add column owner_name varchar(200);
update jobs set owner_name = coalesce(
  (select k.name from access_keys k where k.id = jobs.owner), owner) where owner is not null;

create table job_tags (
  job_id varchar(36) not null references jobs (id) on delete cascade,
  name varchar(63) not null,
  content varchar(255) not null,
  primary key (job_id, name)
);
create index job_tags_of_content on job_tags (name, content, job_id desc);

alter table models add column description varchar(4000);
alter table models add column tags text;
alter table models add column archived boolean default false not null;
alter table models add column owner_name varchar(200);

create table model_tags (
  model_id bigint not null references models (id) on delete cascade,
  name varchar(63) not null,
  content varchar(255) not null,
  primary key (model_id, name)
);
create index model_tags_of_content on model_tags (name, content, model_id desc);

alter table model_versions add column description varchar(4000);
alter table model_versions add column tags text;
alter table model_versions add column archived boolean default false not null;
alter table model_versions add column owner_name varchar(200);
update model_versions set owner_name = coalesce(
  (select k.name from access_keys k where k.id = model_versions.owner), owner) where owner is not null;

create table model_version_tags (
  version_id bigint not null references model_versions (id) on delete cascade,
  name varchar(63) not null,
  content varchar(255) not null,
  primary key (version_id, name)
);
create index model_version_tags_of_content on model_version_tags (name, content, version_id desc);

alter table datasets add column description varchar(4000);
alter table datasets add column tags text;
alter table datasets add column archived boolean default false not null;
alter table datasets add column owner_name varchar(200);

create table dataset_tags (
  dataset_id bigint not null references datasets (id) on delete cascade,
  name varchar(63) not null,
  content varchar(255) not null,
  primary key (dataset_id, name)
);
create index dataset_tags_of_content on dataset_tags (name, content, dataset_id desc);

alter table dataset_versions add column description varchar(4000);
alter table dataset_versions add column tags text;
alter table dataset_versions add column archived boolean default false not null;
alter table dataset_versions add column owner_name varchar(200);
update dataset_versions set owner_name = coalesce(
  (select k.name from access_keys k where k.id = dataset_versions.owner), owner) where owner is not null;

create table dataset_version_tags (
  version_id bigint not null references dataset_versions (id) on delete cascade,
  name varchar(63) not null,
  content varchar(255) not null,
  primary key (version_id, name)
);
create index dataset_version_tags_of_content on dataset_version_tags (name, content, version_id desc);

-- The numbers that an ended job measured, by which lists are sorted: those of its last epoch by their
-- names, those of its best epoch with 'best.' before them.
create table job_values (
  job_id varchar(36) not null references jobs (id) on delete cascade,
  name varchar(200) not null,
  amount double precision not null,
  primary key (job_id, name)
);
create index job_values_in_order on job_values (name, amount, job_id);
-- Whether job_values has them; those of earlier releases are added in the background.
alter table jobs add column measured boolean default false not null;
create index jobs_to_measure on jobs (measured, state, id);

create index jobs_newest_of_owner on jobs (owner_name, id desc);
create index jobs_newest_archived on jobs (archived, id desc);
create index jobs_by_start on jobs (started_at, id);
create index jobs_by_end on jobs (finished_at, id);
