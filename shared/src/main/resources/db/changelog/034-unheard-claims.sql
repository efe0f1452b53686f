--liquibase formatted sql

--changeset aiopslab:034-rounds
ALTER TABLE tasks ADD COLUMN requeued smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN tasks.requeued IS 'How often it went back to pending because nothing was heard of who had claimed it';
ALTER TABLE task_transitions ADD COLUMN round smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN task_transitions.round IS 'How often the task had gone back to pending; each round enters a status at most once';
--rollback ALTER TABLE task_transitions DROP COLUMN round; ALTER TABLE tasks DROP COLUMN requeued;

--changeset aiopslab:034-transitions-by-round runInTransaction:false
-- Beside everybody else: the table has several rows for each task there ever was.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS task_transitions_by_round;
CREATE UNIQUE INDEX CONCURRENTLY task_transitions_by_round ON task_transitions (task_id, to_status, round);
SET lock_timeout = '1100ms';
--rollback DROP INDEX task_transitions_by_round;

--changeset aiopslab:034-key-of-transitions
ALTER TABLE task_transitions
  DROP CONSTRAINT task_transitions_pkey,
  ADD CONSTRAINT task_transitions_pkey PRIMARY KEY USING INDEX task_transitions_by_round;
--rollback ALTER TABLE task_transitions DROP CONSTRAINT task_transitions_pkey, ADD PRIMARY KEY (task_id, to_status);

--changeset aiopslab:034-unheard-claims
ALTER TABLE remote_reports
  ADD COLUMN worker_id     text,
  ADD COLUMN unheard_since timestamptz;
COMMENT ON COLUMN remote_reports.unheard_since IS 'When the claim was answered, until something is heard of its worker: as long as it stands, the task may go back to pending';
--rollback ALTER TABLE remote_reports DROP COLUMN worker_id, DROP COLUMN unheard_since;

--changeset aiopslab:034-unheard-by-worker runInTransaction:false
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS remote_reports_unheard;
CREATE INDEX CONCURRENTLY remote_reports_unheard ON remote_reports (worker_id) WHERE unheard_since IS NOT NULL;
SET lock_timeout = '1100ms';
--rollback DROP INDEX remote_reports_unheard;

--changeset aiopslab:034-guard splitStatements:false
-- As in 002, but a claim of which nothing was heard may be undone.
CREATE OR REPLACE FUNCTION guard_task_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status IN ('completed', 'failed', 'cancelled') THEN
    RAISE EXCEPTION 'task % is % and final: it cannot change any more', OLD.id, OLD.status
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
       ('pending', 'running'), ('pending', 'cancelled'),
       ('running', 'pending'),
       ('running', 'completed'), ('running', 'failed'), ('running', 'cancelled')) THEN
    RAISE EXCEPTION 'task % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.status = 'running' AND NEW.status = 'pending' THEN
    IF NEW.requeued <> OLD.requeued + 1
       OR NOT EXISTS (SELECT FROM remote_reports
                      WHERE session_id = OLD.session_id AND unheard_since IS NOT NULL) THEN
      RAISE EXCEPTION 'task % cannot go from running to pending: its session % has been heard of', OLD.id, OLD.session_id
        USING ERRCODE = 'check_violation';
    END IF;
  ELSIF NEW.requeued <> OLD.requeued THEN
    RAISE EXCEPTION 'task % was not requeued', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  NEW.updated_at := now();
  RETURN NEW;
END $$;
--rollback SELECT 1;

--changeset aiopslab:034-record-rounds splitStatements:false
-- As in 009 and 014.
CREATE OR REPLACE FUNCTION record_task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_transitions (task_id, round, from_status, to_status, at, changed_by, reason)
  VALUES (NEW.id, NEW.requeued, OLD.status, NEW.status, now(), NEW.changed_by,
          nullif(concat_ws(': ', NEW.failure_code,
                           CASE NEW.status
                             WHEN 'cancelled' THEN NEW.cancel_reason
                             WHEN 'pending' THEN 'nothing was heard of worker ' || OLD.worker_id
                           END), ''));
  RETURN NULL;
END $$;
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION record_task_transition() SECURITY DEFINER SET search_path = %I, pg_temp',
                 current_schema());
END $$;
--rollback SELECT 1;
