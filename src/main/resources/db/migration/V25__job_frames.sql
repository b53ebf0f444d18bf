-- What networks answered over two columns while they learned: JSON, at most some megabytes a job.
-- The row of epoch 0 has what all frames of the job share.
create table job_frames (
  job_id varchar(36) not null references jobs (id) on delete cascade,
  epoch int not null,
  frame text not null,
  primary key (job_id, epoch)
);
