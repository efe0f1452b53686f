--liquibase formatted sql

--changeset aiopslab:011-operators
ALTER TABLE workers
  ADD COLUMN paused_at           timestamptz,
  ADD COLUMN draining_at         timestamptz,
  ADD COLUMN operator_reason     text,
  ADD COLUMN incarnations        integer     NOT NULL DEFAULT 1,
  ADD COLUMN first_registered_at timestamptz NOT NULL DEFAULT now();
UPDATE workers SET first_registered_at = registered_at;
COMMENT ON COLUMN workers.paused_at IS 'Since when an operator lets it take no task; a restart of the worker leaves it as it is';
COMMENT ON COLUMN workers.draining_at IS 'Since when it finishes what runs and takes no more; likewise';
COMMENT ON COLUMN workers.operator_reason IS 'What the operator said about the last pause or drain';
COMMENT ON COLUMN workers.incarnations IS 'Lives of its process so far; restarts are one less';
--rollback ALTER TABLE workers DROP COLUMN paused_at, DROP COLUMN draining_at, DROP COLUMN operator_reason, DROP COLUMN incarnations, DROP COLUMN first_registered_at;

--changeset aiopslab:011-tasks-of-a-worker
CREATE INDEX tasks_running_of_worker ON tasks (worker_id) WHERE status = 'running';
CREATE INDEX tasks_ended_of_worker ON tasks (worker_id, completed_at DESC)
  WHERE worker_id IS NOT NULL AND completed_at IS NOT NULL;
--rollback DROP INDEX tasks_running_of_worker, tasks_ended_of_worker;
