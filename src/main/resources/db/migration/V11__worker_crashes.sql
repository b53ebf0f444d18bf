-- Attempts whose native code crashed their worker; null: none. A checkpoint does not reset it.
alter table jobs add column native_crashes int;
-- Whether the job may have crashed its worker while others ran there, so that it runs alone next.
alter table jobs add column crash_suspect boolean;
