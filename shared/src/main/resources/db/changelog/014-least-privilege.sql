--liquibase formatted sql

--changeset aiopslab:014-triggers-act-as-owner splitStatements:false
-- What a trigger writes is written in the owner's name, so that no role needs to write it directly.
-- pg_temp is last on the path and nobody else may execute these: otherwise a temporary table with
-- such a trigger on it could forge an entry.
DO $$
DECLARE
  writer text;
BEGIN
  FOREACH writer IN ARRAY ARRAY['record_new_tasks()', 'record_task_transition()', 'owe_callback()',
                                'ensure_task_logs_partition(timestamptz)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp',
                   writer, current_schema());
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', writer);
  END LOOP;
END $$;
--rollback ALTER FUNCTION record_new_tasks() SECURITY INVOKER RESET ALL; ALTER FUNCTION record_task_transition() SECURITY INVOKER RESET ALL; ALTER FUNCTION owe_callback() SECURITY INVOKER RESET ALL; ALTER FUNCTION ensure_task_logs_partition(timestamptz) SECURITY INVOKER RESET ALL; GRANT EXECUTE ON FUNCTION record_new_tasks(), record_task_transition(), owe_callback(), ensure_task_logs_partition(timestamptz) TO PUBLIC;

--changeset aiopslab:014-workers-belong-to-a-role
ALTER TABLE workers ADD COLUMN db_role name;
ALTER TABLE workers ALTER COLUMN db_role SET DEFAULT current_user;
COMMENT ON COLUMN workers.db_role IS 'The database role that entered it first: with infra/postgres/roles.sql no other worker''s role may touch the row';
--rollback ALTER TABLE workers DROP COLUMN db_role;
