--liquibase formatted sql

--changeset aiopslab:017-groups
-- Not "groups", which is a word of SQL.
CREATE TABLE task_groups (
  id         uuid        PRIMARY KEY,
  samples    smallint    NOT NULL CHECK (samples BETWEEN 1 AND 256),
  early_stop smallint    CHECK (early_stop BETWEEN 1 AND samples),
  created_at timestamptz NOT NULL DEFAULT now(),
  stopped_at timestamptz
);
COMMENT ON TABLE task_groups IS 'Samples of one problem, submitted together';
COMMENT ON COLUMN task_groups.early_stop IS 'The others are cancelled once so many samples are usable: completed, with a reward';
COMMENT ON COLUMN task_groups.stopped_at IS 'When that was done, or when there was nothing left to stop';
CREATE INDEX task_groups_to_stop ON task_groups (id) WHERE early_stop IS NOT NULL AND stopped_at IS NULL;
CREATE TRIGGER task_groups_kept BEFORE DELETE OR TRUNCATE ON task_groups
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP TABLE task_groups;

--changeset aiopslab:017-samples
ALTER TABLE tasks
  ADD COLUMN group_id     uuid REFERENCES task_groups (id),
  ADD COLUMN sample_index smallint CHECK (sample_index >= 0),
  ADD CONSTRAINT sample_of_a_group CHECK ((group_id IS NULL) = (sample_index IS NULL));
COMMENT ON COLUMN tasks.sample_index IS 'Place among the samples of its group, from 0';
CREATE UNIQUE INDEX tasks_of_group ON tasks (group_id, sample_index) WHERE group_id IS NOT NULL;
--rollback DROP INDEX tasks_of_group; ALTER TABLE tasks DROP COLUMN group_id, DROP COLUMN sample_index;

--changeset aiopslab:017-backends
CREATE TABLE backends (
  backend_type text        PRIMARY KEY CHECK (backend_type ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  paused_at    timestamptz,
  reason       text        CHECK (length(reason) <= 500),
  changed_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE backends IS 'What was said of a backend: only those that were paused at some time are here';
CREATE TRIGGER backends_kept BEFORE DELETE OR TRUNCATE ON backends
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP TABLE backends;
