--liquibase formatted sql

--changeset aiopslab:031-order-of-arrival runInTransaction:false
-- Tasks of equal priority are claimed in the order in which the database met them: ids are made by
-- the clocks of the API's hosts, and what came by one that was ahead waited for all others.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS tasks_pending_by_arrival;
CREATE INDEX CONCURRENTLY tasks_pending_by_arrival ON tasks (backend_type, priority DESC, created_at, id)
  WHERE status = 'pending';
SET lock_timeout = '1s';
--rollback DROP INDEX tasks_pending_by_arrival;

--changeset aiopslab:031-no-order-of-ids runInTransaction:false
-- Workers that are not yet upgraded sort those of the highest priority by the new one.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS tasks_pending;
SET lock_timeout = '1s';
--rollback CREATE INDEX tasks_pending ON tasks (backend_type, priority DESC, id) WHERE status = 'pending';
