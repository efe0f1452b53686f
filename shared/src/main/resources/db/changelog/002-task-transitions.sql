--liquibase formatted sql

--changeset aiopslab:002-task-transitions splitStatements:false
-- A status is entered at most once in a task's life, so (task_id, to_status) is the key.
CREATE TABLE task_transitions (
  task_id     uuid        NOT NULL,
  from_status text,
  to_status   text        NOT NULL,
  at          timestamptz NOT NULL,
  changed_by  text        NOT NULL,
  reason      text,
  PRIMARY KEY (task_id, to_status)
);
COMMENT ON TABLE task_transitions IS 'Every change of a task''s status, written by trigger: no code path can forget it.';

CREATE FUNCTION guard_task_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status IN ('completed', 'failed', 'cancelled') THEN
    RAISE EXCEPTION 'task % is % and final: it cannot change any more', OLD.id, OLD.status
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
       ('pending', 'running'), ('pending', 'cancelled'),
       ('running', 'completed'), ('running', 'failed'), ('running', 'cancelled')) THEN
    RAISE EXCEPTION 'task % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

CREATE FUNCTION guard_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'task % must begin as pending, not %', NEW.id, NEW.status
    USING ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION record_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_transitions (task_id, from_status, to_status, at, changed_by)
  SELECT id, NULL, status, created_at, changed_by FROM fresh;
  RETURN NULL;
END $$;

CREATE FUNCTION record_task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_transitions (task_id, from_status, to_status, at, changed_by, reason)
  VALUES (NEW.id, OLD.status, NEW.status, now(), NEW.changed_by, NEW.failure_code);
  RETURN NULL;
END $$;

CREATE TRIGGER tasks_guard_new BEFORE INSERT ON tasks
  FOR EACH ROW WHEN (NEW.status <> 'pending') EXECUTE FUNCTION guard_new_tasks();
CREATE TRIGGER tasks_guard_change BEFORE UPDATE ON tasks
  FOR EACH ROW EXECUTE FUNCTION guard_task_change();
CREATE TRIGGER tasks_record_new AFTER INSERT ON tasks
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION record_new_tasks();
CREATE TRIGGER tasks_record_transition AFTER UPDATE OF status ON tasks
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION record_task_transition();
--rollback DROP TABLE task_transitions; DROP FUNCTION guard_task_change, guard_new_tasks, record_new_tasks, record_task_transition CASCADE;
