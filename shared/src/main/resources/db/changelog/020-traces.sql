--liquibase formatted sql

--changeset aiopslab:020-traceparent
ALTER TABLE tasks ADD COLUMN traceparent text
  CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
COMMENT ON COLUMN tasks.traceparent IS 'The request that submitted it, as W3C Trace Context names it: everything that is done for the task continues that trace';
--rollback ALTER TABLE tasks DROP COLUMN traceparent;
