-- What the published weights of a job do on its test rows, or on others when there are none: JSON.
-- It outlives the dataset.
create table job_evaluations (
  job_id varchar(36) not null primary key references jobs (id) on delete cascade,
  evaluation text not null
);
