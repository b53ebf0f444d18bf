-- The trainings of a sweep are jobs that the sweep runs; jobs.sweep names it.
-- The number of the trial, from 1, its fold, from 1, and its values; null: no part of a sweep. The
-- refit of the best trial is number 0.
alter table jobs add column trial int;
alter table jobs add column fold int;
alter table jobs add column trial_parameters text;

-- No trial is counted twice.
create unique index jobs_of_trial on jobs (sweep, trial, fold);
-- Trainings of sweeps do not wait in the queue of their pool.
drop index jobs_in_queue;
create index jobs_in_queue on jobs (state, pool, trial, due_at, id);
create index jobs_newest_of_kind on jobs (kind, id desc);
