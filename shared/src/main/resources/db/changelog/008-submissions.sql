--liquibase formatted sql

--changeset aiopslab:008-retries
ALTER TABLE tasks ADD COLUMN retry_of uuid REFERENCES tasks (id);
COMMENT ON COLUMN tasks.retry_of IS 'The ended task that this one repeats; null for a task that was submitted';
CREATE INDEX tasks_retries ON tasks (retry_of, id) WHERE retry_of IS NOT NULL;
--rollback ALTER TABLE tasks DROP COLUMN retry_of;

--changeset aiopslab:008-idempotency-keys
CREATE TABLE idempotency_keys (
  key        text        PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
  body_hash  bytea       NOT NULL CHECK (length(body_hash) = 32),
  task_ids   uuid[]      NOT NULL CHECK (cardinality(task_ids) > 0),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE idempotency_keys IS 'What was submitted under a client''s own key; written with the tasks or not at all, and kept for good.';
COMMENT ON COLUMN idempotency_keys.body_hash IS 'SHA-256 of the call and its body, without spacing and order of members';
COMMENT ON COLUMN idempotency_keys.task_ids IS 'In the order of the body';
CREATE TRIGGER idempotency_keys_kept BEFORE DELETE OR TRUNCATE ON idempotency_keys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP TABLE idempotency_keys;

--changeset aiopslab:008-listings
-- Ids are in order of submission, so (filter, id) finds and sorts in one. Every update of a status
-- writes to each of these: a filter without an index here has to be worth that.
CREATE INDEX tasks_by_status ON tasks (status, id);
CREATE INDEX tasks_by_problem ON tasks (problem_id, id);
CREATE INDEX tasks_by_backend ON tasks (backend_type, id);
CREATE INDEX tasks_by_worker ON tasks (worker_id, id) WHERE worker_id IS NOT NULL;
CREATE INDEX tasks_by_priority ON tasks (priority, id);
CREATE INDEX tasks_by_metadata ON tasks USING gin (metadata jsonb_path_ops) WHERE metadata <> '{}';
--rollback DROP INDEX tasks_by_status, tasks_by_problem, tasks_by_backend, tasks_by_worker, tasks_by_priority, tasks_by_metadata;
