--liquibase formatted sql

--changeset aiopslab:001-tasks
CREATE TABLE tasks (
  id              uuid        PRIMARY KEY,
  problem_id      text        NOT NULL CHECK (problem_id <> '' AND length(problem_id) <= 200),
  backend_type    text        NOT NULL CHECK (backend_type ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  status          text        NOT NULL DEFAULT 'pending'
                              CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
  priority        smallint    NOT NULL CHECK (priority BETWEEN 0 AND 10),
  max_steps       smallint    NOT NULL CHECK (max_steps BETWEEN 1 AND 1000),
  timeout_minutes smallint    NOT NULL CHECK (timeout_minutes BETWEEN 1 AND 180),
  agent_config    jsonb       NOT NULL CHECK (jsonb_typeof(agent_config) = 'object'),
  metadata        jsonb       NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
  callback_url    text        CHECK (length(callback_url) <= 2000),
  session_id      uuid,
  worker_id       text,
  failure_code    text        CHECK (failure_code IN (
                                'timeout', 'worker_lost', 'worker_shutdown', 'unknown_problem',
                                'invalid_agent_config', 'environment_setup_failed', 'agent_error',
                                'runner_crashed', 'runner_protocol_error', 'idle_timeout',
                                'cancelled_unconfirmed', 'internal')),
  error_details   text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  published_at    timestamptz,
  started_at      timestamptz,
  deadline_at     timestamptz,
  completed_at    timestamptz,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  changed_by      text        NOT NULL,

  CONSTRAINT claimed_together CHECK (
    (session_id IS NULL) = (worker_id IS NULL)
    AND (session_id IS NULL) = (started_at IS NULL)
    AND (session_id IS NULL) = (deadline_at IS NULL)),
  CONSTRAINT status_has_its_fields CHECK (
    CASE status
      WHEN 'pending'   THEN session_id IS NULL AND completed_at IS NULL AND failure_code IS NULL
      WHEN 'running'   THEN session_id IS NOT NULL AND completed_at IS NULL AND failure_code IS NULL
      WHEN 'completed' THEN session_id IS NOT NULL AND completed_at IS NOT NULL AND failure_code IS NULL
      WHEN 'failed'    THEN session_id IS NOT NULL AND completed_at IS NOT NULL
                            AND failure_code IS NOT NULL AND error_details IS NOT NULL
      WHEN 'cancelled' THEN completed_at IS NOT NULL
    END)
) WITH (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0.0,
  autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_cost_delay = 1
);

COMMENT ON TABLE tasks IS 'One row per task: what was asked, who runs it, how it ended. Heartbeats and progress are kept elsewhere.';
COMMENT ON COLUMN tasks.id IS 'UUIDv7: in order of submission';
COMMENT ON COLUMN tasks.session_id IS 'Made by the claim; every later write names it';
COMMENT ON COLUMN tasks.changed_by IS 'Who made the last change of status; copied into task_transitions';

CREATE INDEX tasks_pending ON tasks (backend_type, priority DESC, id) WHERE status = 'pending';
CREATE INDEX tasks_unpublished ON tasks (created_at) WHERE status = 'pending' AND published_at IS NULL;
CREATE INDEX tasks_running ON tasks (deadline_at) WHERE status = 'running';
--rollback DROP TABLE tasks;
