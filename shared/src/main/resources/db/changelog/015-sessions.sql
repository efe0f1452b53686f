--liquibase formatted sql

--changeset aiopslab:015-session-actions
CREATE TABLE session_actions (
  task_id        uuid             NOT NULL REFERENCES tasks (id),
  index          integer          NOT NULL CHECK (index >= 0),
  action         text             NOT NULL,
  taken_at       timestamptz      NOT NULL DEFAULT now(),
  observation    text,
  environment_ms double precision,
  done           boolean          NOT NULL DEFAULT false,
  answered_at    timestamptz,
  PRIMARY KEY (task_id, index),
  CONSTRAINT answered_together CHECK (
    (observation IS NULL) = (answered_at IS NULL) AND (NOT done OR answered_at IS NOT NULL))
) WITH (fillfactor = 80);
COMMENT ON TABLE session_actions IS 'Actions of interactive sessions, each written before its worker is told, with its answer as it was first given.';
COMMENT ON COLUMN session_actions.done IS 'Whether this action ended the run: reward and reason are in task_results';
CREATE TRIGGER session_actions_kept BEFORE DELETE OR TRUNCATE ON session_actions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP TABLE session_actions;
