-- The queue is read from its head, and lists from the newest. H2 follows an index for that only
-- when it begins with what is sorted by; otherwise it sorts all that wait at every look.

drop index scheduled_tasks_due;
create index scheduled_tasks_due on scheduled_tasks (execution_time, picked);

create index jobs_newest_in_state on jobs (state, id desc);
drop index jobs_of_model;
create index jobs_newest_of_model on jobs (model, id desc);
drop index jobs_of_sweep;
create index jobs_newest_of_sweep on jobs (sweep, id desc);
