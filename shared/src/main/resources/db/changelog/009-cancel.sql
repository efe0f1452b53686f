--liquibase formatted sql

--changeset aiopslab:009-cancel-wishes
-- On the row itself, so that one guarded statement decides between the wish and the end of the run.
-- Null in almost every row, which costs no space.
ALTER TABLE tasks ADD COLUMN cancel_requested_at timestamptz;
ALTER TABLE tasks ADD COLUMN cancel_reason text CHECK (length(cancel_reason) <= 500);
ALTER TABLE tasks ADD CONSTRAINT cancel_reason_has_a_wish
  CHECK (cancel_reason IS NULL OR cancel_requested_at IS NOT NULL);
COMMENT ON COLUMN tasks.cancel_requested_at IS 'When the first cancel was asked for; kept also if the run completed before it heard of it';
COMMENT ON COLUMN tasks.cancel_reason IS 'In the words of who asked first';

CREATE INDEX tasks_cancelling ON tasks (cancel_requested_at)
  WHERE status = 'running' AND cancel_requested_at IS NOT NULL;
--rollback DROP INDEX tasks_cancelling; ALTER TABLE tasks DROP COLUMN cancel_requested_at, DROP COLUMN cancel_reason;

--changeset aiopslab:009-cancel splitStatements:false
CREATE OR REPLACE FUNCTION record_task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_transitions (task_id, from_status, to_status, at, changed_by, reason)
  VALUES (NEW.id, OLD.status, NEW.status, now(), NEW.changed_by,
          nullif(concat_ws(': ', NEW.failure_code,
                           CASE WHEN NEW.status = 'cancelled' THEN NEW.cancel_reason END), ''));
  RETURN NULL;
END $$;
--rollback CREATE OR REPLACE FUNCTION record_task_transition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO task_transitions (task_id, from_status, to_status, at, changed_by, reason) VALUES (NEW.id, OLD.status, NEW.status, now(), NEW.changed_by, NEW.failure_code); RETURN NULL; END $$;
