--liquibase formatted sql

--changeset aiopslab:026-stray-log-lines splitStatements:false
-- As in 003 and 014. But a line that had no partition when it came, of a task made by a clock that
-- is wrong for example, lies in the default partition, and PostgreSQL makes no partition over it:
-- such lines are moved into theirs.
CREATE OR REPLACE FUNCTION ensure_task_logs_partition(in_month timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  first_day timestamptz := date_trunc('month', in_month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  next_first_day timestamptz := (date_trunc('month', in_month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
  first_id uuid := first_uuid_at(first_day);
  end_id uuid := first_uuid_at(next_first_day);
  partition_name text := 'task_logs_' || to_char(in_month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ensure_task_logs_partition'));
  IF to_regclass(partition_name) IS NOT NULL THEN
    RETURN partition_name;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE task_logs INCLUDING ALL)', partition_name);
  LOCK TABLE task_logs_other IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('WITH stray AS (
                    DELETE FROM task_logs_other WHERE task_id >= %L AND task_id < %L RETURNING *)
                  INSERT INTO %I SELECT * FROM stray', first_id, end_id, partition_name);
  EXECUTE format('ALTER TABLE task_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                 partition_name, first_id, end_id);
  RETURN partition_name;
END $$;
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION ensure_task_logs_partition(timestamptz)
                  SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
END $$;
--rollback SELECT 1;
