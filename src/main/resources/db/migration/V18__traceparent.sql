-- The trace of the request that submitted a job: the header traceparent of W3C Trace Context.
alter table jobs add column traceparent varchar(55);
