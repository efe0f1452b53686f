--liquibase formatted sql

--changeset aiopslab:035-pending-problems runInTransaction:false
-- What waits by problem: whether there is anything that a worker can play, without a walk past what
-- it cannot. One expression, so that who asks for a problem can take no other index, and no claim
-- takes this one for that of its order, whatever the statistics say. A backend has no spaces.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS tasks_pending_problems;
CREATE INDEX CONCURRENTLY tasks_pending_problems ON tasks ((backend_type || ' ' || problem_id))
  WHERE status = 'pending';
SET lock_timeout = '1100ms';
--rollback DROP INDEX tasks_pending_problems;
