--liquibase formatted sql

--changeset aiopslab:004-workers
CREATE TABLE workers (
  id                text        PRIMARY KEY CHECK (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  backend_type      text        NOT NULL,
  status            text        NOT NULL CHECK (status IN ('idle', 'busy', 'offline')),
  incarnation       uuid        NOT NULL,
  current_task_id   uuid,
  capabilities      jsonb       NOT NULL CHECK (jsonb_typeof(capabilities) = 'object'),
  metadata          jsonb       NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
  registered_at     timestamptz NOT NULL DEFAULT now(),
  last_heartbeat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);

COMMENT ON TABLE workers IS 'One row per Kind cluster that ever had a worker; no index but the key, so that heartbeats stay in place.';
COMMENT ON COLUMN workers.id IS 'The name of the Kind cluster';
COMMENT ON COLUMN workers.incarnation IS 'Made anew at each start of the worker''s process';
COMMENT ON COLUMN workers.status IS 'As the worker said last; it is offline too when its heartbeat is old';
--rollback DROP TABLE workers;
