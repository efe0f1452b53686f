--liquibase formatted sql

--changeset aiopslab:003-task-results
CREATE TABLE task_results (
  task_id           uuid             PRIMARY KEY REFERENCES tasks (id),
  session_id        uuid             NOT NULL,
  environment       text,
  success           boolean,
  reward            double precision CHECK (reward BETWEEN 0 AND 1),
  reward_components jsonb            NOT NULL,
  metrics           jsonb            NOT NULL,
  output            json,
  stop_reason       text,
  steps             integer          NOT NULL,
  log_lines         bigint           NOT NULL,
  last_seq          bigint           NOT NULL,
  finished_at       timestamptz      NOT NULL,
  recorded_at       timestamptz      NOT NULL DEFAULT now()
);
COMMENT ON TABLE task_results IS 'What a finished run reported: one row per task whose result event was accepted.';
COMMENT ON COLUMN task_results.reward IS 'Null where there is none: a failure is never a reward of 0';
COMMENT ON COLUMN task_results.last_seq IS 'Sequence number of the last event of the run: tells whether everything has arrived';
COMMENT ON COLUMN task_results.finished_at IS 'By the worker''s clock; tasks.completed_at is by the database''s';

--changeset aiopslab:003-task-progress
CREATE TABLE task_progress (
  task_id       uuid        PRIMARY KEY REFERENCES tasks (id),
  phase         text        NOT NULL CHECK (phase IN ('setup', 'running', 'grading', 'cleanup')),
  phase_seq     bigint      NOT NULL,
  steps         integer     NOT NULL,
  metrics       jsonb       NOT NULL,
  last_event_at timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE task_progress IS 'How far a run has come; updated in place once per stored batch of events.';

--changeset aiopslab:003-task-steps
CREATE TABLE task_steps (
  task_id        uuid        NOT NULL,
  index          integer     NOT NULL CHECK (index >= 0),
  turn           integer     NOT NULL CHECK (turn >= 0),
  role           text        NOT NULL,
  content        text        NOT NULL,
  model_ms       double precision,
  environment_ms double precision,
  tokens         json,
  logprobs       json,
  at             timestamptz NOT NULL,
  PRIMARY KEY (task_id, index)
);
COMMENT ON TABLE task_steps IS 'The trajectory: every message between agent and environment, in order of index.';

--changeset aiopslab:003-task-logs splitStatements:false
-- Partitioned by task_id: a UUIDv7 begins with the time of its making, so a range of ids is a
-- range of time, and (task_id, seq) can stay the key that makes storing idempotent.
CREATE TABLE task_logs (
  task_id uuid        NOT NULL,
  seq     bigint      NOT NULL CHECK (seq >= 0),
  ts      timestamptz NOT NULL,
  level   text        NOT NULL CHECK (level IN ('debug', 'info', 'warning', 'error')),
  message text        NOT NULL,
  context json,
  PRIMARY KEY (task_id, seq)
) PARTITION BY RANGE (task_id);
COMMENT ON TABLE task_logs IS 'Log lines of every run, in order of seq, append only; partitions hold a month of tasks each.';

CREATE TABLE task_logs_other PARTITION OF task_logs DEFAULT;

CREATE FUNCTION first_uuid_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

CREATE FUNCTION ensure_task_logs_partition(in_month timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  first_day timestamptz := date_trunc('month', in_month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  next_first_day timestamptz := (date_trunc('month', in_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
  partition_name text := 'task_logs_' || to_char(in_month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_task_logs_partition'));
  IF to_regclass(partition_name) IS NULL THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF task_logs FOR VALUES FROM (%L) TO (%L)',
                   partition_name, first_uuid_at(first_day), first_uuid_at(next_first_day));
  END IF;
  RETURN partition_name;
END $$;

SELECT ensure_task_logs_partition(now()), ensure_task_logs_partition(now() + interval '1 month');
