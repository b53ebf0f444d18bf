-- What a call under an Idempotency-Key created, for retries of a call whose process died before it
-- answered. Earlier builds stored the status and the location of the answer instead.
alter table idempotency_keys add column created_kind varchar(20);
alter table idempotency_keys add column created_id varchar(200);

update idempotency_keys
  set created_kind = 'job', created_id = substring(location from 10), status = null, location = null
  where body is null and location like '/v1/jobs/%';

update idempotency_keys
  set created_kind = 'model_version',
    created_id = replace(substring(location from 12), '/versions/', '@'),
    status = null, location = null
  where body is null and location like '/v1/models/%/versions/%';

update idempotency_keys
  set created_kind = 'model', created_id = substring(location from 12),
    status = null, location = null
  where body is null and location like '/v1/models/%';
