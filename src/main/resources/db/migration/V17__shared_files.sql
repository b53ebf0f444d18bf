-- Files in a shared store that no row named when a process looked. One is deleted an hour later, if
-- still no row names it and nobody has asked for it since.
create table orphan_objects (
  object_key varchar(300) not null primary key,
  marked_at timestamp(6) with time zone not null,
  -- When a process began to delete it; null: it is only marked.
  deleting_since timestamp(6) with time zone
);

-- Backups under way: no file is deleted while one is.
create table running_backups (
  id varchar(36) not null primary key,
  -- Renewed while it runs; the process of one that is minutes old has died.
  renewed_at timestamp(6) with time zone not null
);
