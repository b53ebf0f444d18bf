-- Why the service itself unloaded a version; null when an operator did, or nobody.
alter table version_serving add column quarantine varchar(1000);
