-- The ETag of a call under an Idempotency-Key, for its retries.
alter table idempotency_keys add column etag varchar(100);
