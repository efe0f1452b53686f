--liquibase formatted sql

--changeset aiopslab:005-stale-reports
CREATE TABLE stale_reports (
  session_id  uuid        NOT NULL,
  seq         bigint      NOT NULL,
  task_id     uuid        NOT NULL,
  reason      text        NOT NULL,
  body        text        NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, seq, task_id)
);
COMMENT ON TABLE stale_reports IS 'Readable events that lost against the state of their task: kept as evidence, never applied.';

--changeset aiopslab:005-dead-letters
CREATE TABLE dead_letters (
  fingerprint bytea       PRIMARY KEY,
  queue       text        NOT NULL,
  routing_key text        NOT NULL,
  message_id  text,
  reason      text        NOT NULL,
  body        bytea       NOT NULL,
  seen        integer     NOT NULL DEFAULT 1,
  first_at    timestamptz NOT NULL DEFAULT now(),
  last_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dead_letters IS 'Messages that no consumer can read, kept whole.';
COMMENT ON COLUMN dead_letters.fingerprint IS 'SHA-256 of routing key, message id and body: a repeat is counted in seen';
