--liquibase formatted sql

--changeset aiopslab:010-callbacks splitStatements:false
CREATE TABLE callback_deliveries (
  task_id         uuid        PRIMARY KEY REFERENCES tasks (id),
  webhook_id      text        NOT NULL GENERATED ALWAYS AS ('msg_' || replace(task_id::text, '-', '')) STORED,
  url             text        NOT NULL,
  host            text        NOT NULL GENERATED ALWAYS AS (
                                coalesce(lower(substring(url from '^[^:]*://([^/?#]*)')), '')) STORED,
  state           text        NOT NULL DEFAULT 'pending'
                              CHECK (state IN ('pending', 'delivered', 'exhausted', 'stopped')),
  attempts        integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  failures        integer     NOT NULL DEFAULT 0 CHECK (failures >= 0),
  next_attempt_at timestamptz DEFAULT now(),
  claim           uuid,
  created_at      timestamptz NOT NULL DEFAULT now(),

  CONSTRAINT only_pending_is_due CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
  CONSTRAINT only_pending_is_claimed CHECK (state = 'pending' OR claim IS NULL)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000);

COMMENT ON TABLE callback_deliveries IS 'One row per ended task with a callback_url: what has become of its callback.';
COMMENT ON COLUMN callback_deliveries.webhook_id IS 'Header webhook-id: the same on every try';
COMMENT ON COLUMN callback_deliveries.host IS 'With the port where the URL names one; what circuit breakers are kept by';
COMMENT ON COLUMN callback_deliveries.attempts IS 'Number of the last row in callback_attempts';
COMMENT ON COLUMN callback_deliveries.failures IS 'In a row since the task ended or somebody asked for redelivery: the place in the retry schedule';
COMMENT ON COLUMN callback_deliveries.next_attempt_at IS 'While a collector is sending: when another may take over';
COMMENT ON COLUMN callback_deliveries.claim IS 'Made by the claim; the record of an attempt names it';

CREATE INDEX callback_deliveries_due ON callback_deliveries (next_attempt_at) WHERE state = 'pending';

CREATE TABLE callback_attempts (
  task_id     uuid        NOT NULL REFERENCES callback_deliveries (task_id),
  number      integer     NOT NULL CHECK (number >= 1),
  at          timestamptz NOT NULL,
  duration_ms bigint      NOT NULL CHECK (duration_ms >= 0),
  status      smallint,
  error_kind  text,
  error       text,
  PRIMARY KEY (task_id, number),

  CONSTRAINT failure_has_a_sentence CHECK ((error_kind IS NULL) = (error IS NULL))
);
COMMENT ON TABLE callback_attempts IS 'Every try of every callback, append only; never what the receiver said but its status.';
COMMENT ON COLUMN callback_attempts.status IS 'Null if no HTTP answer came';
COMMENT ON COLUMN callback_attempts.error IS 'What went wrong, for people; null if the callback was delivered';

-- By trigger, in the transaction that ends the task: no code path can forget it.
CREATE FUNCTION owe_callback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO callback_deliveries (task_id, url) VALUES (NEW.id, NEW.callback_url)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER tasks_owe_callback AFTER UPDATE OF status ON tasks
  FOR EACH ROW WHEN (NEW.callback_url IS NOT NULL AND OLD.status IS DISTINCT FROM NEW.status
                     AND NEW.status IN ('completed', 'failed', 'cancelled'))
  EXECUTE FUNCTION owe_callback();

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER callback_deliveries_kept BEFORE DELETE OR TRUNCATE ON callback_deliveries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
CREATE TRIGGER callback_attempts_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON callback_attempts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

INSERT INTO callback_deliveries (task_id, url)
SELECT id, callback_url FROM tasks
WHERE callback_url IS NOT NULL AND status IN ('completed', 'failed', 'cancelled');
--rollback DROP TRIGGER tasks_owe_callback ON tasks; DROP TABLE callback_attempts, callback_deliveries; DROP FUNCTION owe_callback, refuse_rewriting;
