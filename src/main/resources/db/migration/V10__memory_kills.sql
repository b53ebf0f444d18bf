-- What the running attempt's worker last told about its memory, so that the next process knows
-- whether the worker died for lack of memory.
-- The bytes in memory and the budget; null until the worker comes near its budget.
alter table jobs add column resident_bytes bigint;
alter table jobs add column memory_limit bigint;
-- The control group, and how many of its processes the kernel had killed when the attempt started.
alter table jobs add column memory_group varchar(100);
alter table jobs add column oom_kills bigint;
-- Attempts that ended for lack of memory; null: none. A checkpoint does not reset it.
alter table jobs add column memory_failures int;
