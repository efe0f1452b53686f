-- One role per service, each with what its code does and no more. Idempotent; to be run by a
-- superuser in the service's database, before the first start and after every upgrade:
--   psql -v ON_ERROR_STOP=1 -d aiopslab -f roles.sql
-- Passwords are not set here: README.md beside this file says how.
BEGIN;

DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['aiopslab_migrator', 'aiopslab_api', 'aiopslab_worker',
                              'aiopslab_collector', 'aiopslab_readonly'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', role);
    END IF;
  END LOOP;
  -- Without TEMPORARY nobody can put a table of his own before the service's.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO aiopslab_migrator, aiopslab_api, aiopslab_worker,
                  aiopslab_collector, aiopslab_readonly', current_database());
END $$;

-- Of an index on a large table, and of others that migrate, whatever the server's limits are.
ALTER ROLE aiopslab_migrator SET statement_timeout = 0;
ALTER ROLE aiopslab_migrator SET lock_timeout = 0;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO aiopslab_migrator;
GRANT USAGE ON SCHEMA public TO aiopslab_api, aiopslab_worker, aiopslab_collector, aiopslab_readonly;

-- So that API and collector work from the first start on; a second run of this file narrows it.
ALTER DEFAULT PRIVILEGES FOR ROLE aiopslab_migrator IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE ON TABLES TO aiopslab_api, aiopslab_collector;
ALTER DEFAULT PRIVILEGES FOR ROLE aiopslab_migrator IN SCHEMA public
  GRANT SELECT ON TABLES TO aiopslab_readonly;

DO $$
BEGIN
  IF to_regclass('public.tasks') IS NULL THEN
    RAISE NOTICE 'No schema yet. Start task-api, which migrates, and run this file once more: until then workers wait.';
    RETURN;
  END IF;

  REVOKE ALL ON ALL TABLES IN SCHEMA public
    FROM aiopslab_api, aiopslab_worker, aiopslab_collector, aiopslab_readonly;
  -- Everybody waits for the schema's version.
  GRANT SELECT ON databasechangelog
    TO aiopslab_api, aiopslab_worker, aiopslab_collector, aiopslab_readonly;

  -- The API submits, claims for HTTP workers, cancels; it never writes what a run reported.
  GRANT SELECT ON tasks, task_transitions, task_results, task_progress, task_steps, task_logs,
    task_briefings, task_aiopslab_results, trajectory_feed, workers, idempotency_keys, callback_deliveries,
    callback_attempts, dead_letters, dead_letter_requeues TO aiopslab_api;
  GRANT INSERT, UPDATE ON tasks, workers TO aiopslab_api;
  GRANT INSERT, UPDATE (tried_at, sent_at) ON dead_letter_requeues TO aiopslab_api;
  GRANT INSERT ON idempotency_keys TO aiopslab_api;
  GRANT SELECT, INSERT ON task_groups TO aiopslab_api;
  GRANT SELECT, INSERT, UPDATE ON remote_reports TO aiopslab_api;
  GRANT SELECT, INSERT, UPDATE ON backends TO aiopslab_api;
  GRANT UPDATE ON callback_deliveries TO aiopslab_api;
  GRANT SELECT, INSERT, UPDATE (observation, environment_ms, done, answered_at) ON session_actions
    TO aiopslab_api;

  -- The collector stores what runs report, ends tasks and calls back; it never makes a task.
  GRANT SELECT ON tasks, task_transitions, task_results, task_progress, task_steps, task_logs,
    task_briefings, task_aiopslab_results, workers, backends, callback_deliveries,
    callback_attempts, stale_reports, dead_letters TO aiopslab_collector;
  GRANT UPDATE ON tasks TO aiopslab_collector;
  -- Whoever reports lives.
  GRANT UPDATE (last_heartbeat_at) ON workers TO aiopslab_collector;
  GRANT SELECT, UPDATE (stopped_at) ON task_groups TO aiopslab_collector;
  GRANT INSERT ON task_results, task_steps, task_logs, task_briefings, task_aiopslab_results,
    callback_attempts TO aiopslab_collector;
  GRANT INSERT, UPDATE ON task_progress, stale_reports, dead_letters TO aiopslab_collector;
  GRANT UPDATE ON callback_deliveries TO aiopslab_collector;
  GRANT EXECUTE ON FUNCTION ensure_task_logs_partition(timestamptz),
    feed_trajectories(integer, interval) TO aiopslab_collector;

  -- A worker reads tasks, claims, and keeps its own row; the policies below say which rows.
  GRANT SELECT ON tasks, workers, backends TO aiopslab_worker;
  -- Of what runs have said it hears only whether it is stored.
  GRANT EXECUTE ON FUNCTION standing_of_report(uuid, uuid, bigint, integer) TO aiopslab_worker;
  -- A claim locks the row of its backend, which takes the right to change something of it.
  GRANT UPDATE (changed_at) ON backends TO aiopslab_worker;
  GRANT UPDATE (status, session_id, worker_id, started_at, deadline_at, changed_by)
    ON tasks TO aiopslab_worker;
  GRANT INSERT (id, backend_type, status, incarnation, capabilities, metadata)
    ON workers TO aiopslab_worker;
  GRANT UPDATE (backend_type, status, status_reason, current_task_id, incarnation, incarnations,
                capabilities, metadata, registered_at, last_heartbeat_at)
    ON workers TO aiopslab_worker;

  -- Dashboards: everything but clients' keys, and messages that nobody could read.
  GRANT SELECT ON tasks, task_transitions, task_results, task_progress, task_steps, task_logs,
    task_briefings, task_aiopslab_results, trajectory_queue, trajectory_feed, task_groups, backends, workers,
    callback_deliveries, callback_attempts, session_actions TO aiopslab_readonly;

  ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
  DROP POLICY IF EXISTS read_all ON tasks;
  CREATE POLICY read_all ON tasks FOR SELECT USING (true);
  DROP POLICY IF EXISTS services ON tasks;
  CREATE POLICY services ON tasks TO aiopslab_api, aiopslab_collector USING (true);
  -- A claim as the worker's statement makes it, in the name of a worker of the same role; every
  -- other change of a task is refused.
  DROP POLICY IF EXISTS claim ON tasks;
  CREATE POLICY claim ON tasks FOR UPDATE TO aiopslab_worker
    USING (status = 'pending')
    WITH CHECK (
      status = 'running' AND started_at = now()
      AND deadline_at = now() + make_interval(mins => timeout_minutes)
      AND changed_by = 'worker:' || worker_id
      AND EXISTS (SELECT FROM workers w
                  WHERE w.id = worker_id AND w.db_role = current_user
                    AND w.backend_type = tasks.backend_type));

  ALTER TABLE workers ENABLE ROW LEVEL SECURITY;
  DROP POLICY IF EXISTS read_all ON workers;
  CREATE POLICY read_all ON workers FOR SELECT USING (true);
  DROP POLICY IF EXISTS services ON workers;
  CREATE POLICY services ON workers TO aiopslab_api, aiopslab_collector USING (true);
  DROP POLICY IF EXISTS enter ON workers;
  CREATE POLICY enter ON workers FOR INSERT TO aiopslab_worker WITH CHECK (db_role = current_user);
  DROP POLICY IF EXISTS own_row ON workers;
  CREATE POLICY own_row ON workers FOR UPDATE TO aiopslab_worker
    USING (db_role = current_user) WITH CHECK (db_role = current_user);

  -- Rows from the time before there were roles.
  UPDATE workers SET db_role = 'aiopslab_worker'
  WHERE db_role IS NULL
     OR db_role = (SELECT tableowner FROM pg_tables
                   WHERE schemaname = 'public' AND tablename = 'workers');
END $$;

COMMIT;
