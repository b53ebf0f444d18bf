-- The threads that the last attempt trains with; null until its training starts.
alter table jobs add column threads int;
