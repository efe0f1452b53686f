--liquibase formatted sql

--changeset aiopslab:036-turns
ALTER TABLE tasks
  ADD COLUMN queue text   NOT NULL DEFAULT '',
  ADD COLUMN turn  bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT short_queue CHECK (length(queue) <= 100) NOT VALID;
COMMENT ON COLUMN tasks.queue IS 'With whose tasks it is in line; those without a name are one queue';
COMMENT ON COLUMN tasks.turn IS 'Its place among the turns of its backend and priority: each queue has one task in a turn';
--rollback ALTER TABLE tasks DROP COLUMN queue, DROP COLUMN turn;

--changeset aiopslab:036-short-queues
-- Looks at every row, and keeps nobody from any.
ALTER TABLE tasks VALIDATE CONSTRAINT short_queue;
--rollback SELECT 1;

--changeset aiopslab:036-indexes-of-turns runInTransaction:false
-- The claims' order; and at a submission the last turn of its queue, which comes first in that index
-- so that no claim takes it for its own, and the turn that is being served. Workers that are not yet
-- upgraded sort what waits: the index of their order goes.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS tasks_pending_turns;
CREATE INDEX CONCURRENTLY tasks_pending_turns ON tasks (backend_type, priority DESC, turn, created_at, id)
  WHERE status = 'pending';
DROP INDEX CONCURRENTLY IF EXISTS tasks_open_queues;
CREATE INDEX CONCURRENTLY tasks_open_queues ON tasks (queue, backend_type, priority, turn)
  WHERE status IN ('pending', 'running');
DROP INDEX CONCURRENTLY IF EXISTS tasks_running_turns;
CREATE INDEX CONCURRENTLY tasks_running_turns ON tasks (backend_type, priority, turn)
  WHERE status = 'running';
DROP INDEX CONCURRENTLY IF EXISTS tasks_pending;
SET lock_timeout = '1100ms';
--rollback CREATE INDEX tasks_pending ON tasks (backend_type, priority DESC, id) WHERE status = 'pending'; DROP INDEX tasks_pending_turns; DROP INDEX tasks_open_queues; DROP INDEX tasks_running_turns;
