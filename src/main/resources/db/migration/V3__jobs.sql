-- Jobs, what they measured, and what a job needs to survive its worker.

CREATE TABLE jobs (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  kind VARCHAR(20) NOT NULL,
  model VARCHAR(63) NOT NULL,
  dataset_name VARCHAR(63) NOT NULL,
  dataset_version INT NOT NULL,
  pool VARCHAR(63) NOT NULL,
  priority INT NOT NULL,
  -- The place in the queue: the time of submission, less what the priority is worth.
  due_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  state VARCHAR(10) NOT NULL,
  -- Counts starts. Whoever runs a job may write only while its number is still this one.
  attempt INT NOT NULL,
  -- Starts whose worker died since the job last got further.
  crashes INT NOT NULL,
  stop_requested BOOLEAN NOT NULL,
  worker VARCHAR(100),
  device VARCHAR(40),
  request TEXT NOT NULL,
  spec TEXT NOT NULL,
  warnings TEXT NOT NULL,
  progress VARCHAR(4000),
  last_record VARCHAR(100000),
  best_record VARCHAR(100000),
  stop_reason VARCHAR(20),
  -- How it ended: a result or a failure.
  ending TEXT,
  -- The number of the newest event.
  last_event INT NOT NULL,
  created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  started_at TIMESTAMP(6) WITH TIME ZONE,
  finished_at TIMESTAMP(6) WITH TIME ZONE
);
CREATE INDEX jobs_in_queue ON jobs (state, pool, due_at, id);
CREATE INDEX jobs_of_model ON jobs (model, id);
CREATE INDEX jobs_of_dataset ON jobs (dataset_name, dataset_version, state);
CREATE INDEX jobs_finished ON jobs (finished_at);

-- One row per epoch. A resumed attempt writes the same values again and keeps the event's number.
CREATE TABLE job_metrics (
  job_id VARCHAR(36) NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  phase INT NOT NULL,
  repeat_no INT NOT NULL,
  epoch INT NOT NULL,
  event_id INT NOT NULL,
  measures VARCHAR(100000) NOT NULL,
  progress VARCHAR(4000) NOT NULL,
  PRIMARY KEY (job_id, phase, repeat_no, epoch)
);
CREATE INDEX job_metrics_by_event ON job_metrics (job_id, event_id);

-- Events other than epochs; both share one numbering per job.
CREATE TABLE job_events (
  job_id VARCHAR(36) NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  event_id INT NOT NULL,
  kind VARCHAR(10) NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  PRIMARY KEY (job_id, event_id)
);

-- Where a job can go on; the files are blobs named by their sha256.
CREATE TABLE checkpoints (
  job_id VARCHAR(36) NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  checkpoint_no INT NOT NULL,
  attempt INT NOT NULL,
  place TEXT NOT NULL,
  sha256 CHAR(64) NOT NULL,
  bytes BIGINT NOT NULL,
  created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  PRIMARY KEY (job_id, checkpoint_no)
);
CREATE INDEX checkpoints_by_blob ON checkpoints (sha256);

-- First answers of creating calls, for retries under the same Idempotency-Key.
CREATE TABLE idempotency_keys (
  -- sha256 of caller, method, path and key
  id CHAR(64) NOT NULL PRIMARY KEY,
  -- sha256 of the request's media type and body
  payload CHAR(64) NOT NULL,
  -- The process and call that is at work; null once there is an answer.
  holder VARCHAR(100),
  status INT,
  location VARCHAR(2000),
  content_type VARCHAR(200),
  body TEXT,
  created_at TIMESTAMP(6) WITH TIME ZONE NOT NULL
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- db-scheduler's table.
CREATE TABLE scheduled_tasks (
  task_name VARCHAR(100) NOT NULL,
  task_instance VARCHAR(100) NOT NULL,
  task_data BYTEA,
  execution_time TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  picked BOOLEAN NOT NULL,
  picked_by VARCHAR(100),
  last_success TIMESTAMP(6) WITH TIME ZONE,
  last_failure TIMESTAMP(6) WITH TIME ZONE,
  consecutive_failures INT,
  last_heartbeat TIMESTAMP(6) WITH TIME ZONE,
  version BIGINT NOT NULL,
  priority SMALLINT,
  PRIMARY KEY (task_name, task_instance)
);
CREATE INDEX scheduled_tasks_due ON scheduled_tasks (picked, execution_time);
CREATE INDEX scheduled_tasks_beating ON scheduled_tasks (last_heartbeat);
